import type { ProgressEvent } from '../../report/index.ts';

/** What is known of a task that has begun. */
export interface Task {
  readonly task: string;
  readonly text: string;
  readonly unit: 'bytes' | 'items';
  readonly startedAt: number;
  readonly done: number | undefined;
  readonly total: number | undefined;
}

export interface Tasks {
  emit(event: ProgressEvent): void;
  get(task: string): Task | undefined;
  /** The unfinished task that spoke last. */
  current(): Task | undefined;
  /** The text a task began with, also after its end; its name when it never began. */
  textOf(task: string): string;
}

/** Follows the tasks through their events. A task that starts again replaces its former self. */
export function createTasks(now: () => number): Tasks {
  const running = new Map<string, Task>();
  const texts = new Map<string, string>();
  const put = (task: Task) => {
    // Deleted first, so that it becomes the last.
    running.delete(task.task);
    running.set(task.task, task);
  };
  return {
    emit(event) {
      switch (event.type) {
        case 'start':
          texts.set(event.task, event.text);
          return put({
            task: event.task,
            text: event.text,
            unit: event.unit ?? 'items',
            startedAt: now(),
            done: undefined,
            total: event.total,
          });
        case 'progress': {
          const task = running.get(event.task);
          if (task === undefined) return;
          return put({
            ...task,
            text: event.text ?? task.text,
            done: event.done,
            total: event.total ?? task.total,
          });
        }
        case 'end':
          running.delete(event.task);
          return;
        case 'log':
          return;
      }
    },
    get: task => running.get(task),
    current: () => [...running.values()].at(-1),
    textOf: task => texts.get(task) ?? task,
  };
}
