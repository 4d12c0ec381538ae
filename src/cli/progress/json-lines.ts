import { PROGRESS_VERSION, type ProgressEvent, type Reporter } from '../../report/index.ts';
import { hideCredentials } from '../sanitize.ts';
import { createTasks, type Task } from './tasks.ts';

/** At most five progress events a second for each task. */
const INTERVAL_MS = 200;

/**
 * The protocol of `--progress-fd`: one JSON object a line, in the shape of bootc's. The first is
 * `{"type":"Start","version":...}`. A task is told by `ProgressBytes` or `ProgressSteps`: first with nothing done,
 * then at most five times a second, at last with `completed: true` and its duration. A total of 0 is unknown.
 * `Message` carries log records. Readers must ignore types and keys they do not know.
 */
export function createJsonLines(write: (text: string) => void, now: () => number): Reporter {
  const tasks = createTasks(now);
  const saidAt = new Map<string, number>();
  const send = (object: Readonly<Record<string, unknown>>) =>
    write(`${hideCredentials(JSON.stringify(object, bigintAsText))}\n`);
  const tell = (task: Task, end: Readonly<Record<string, unknown>> = {}) => {
    saidAt.set(task.task, now());
    send({ ...describe(task), ...end });
  };
  send({ type: 'Start', version: `org.apt-layer.progress/v${PROGRESS_VERSION}` });
  return {
    emit(event: ProgressEvent) {
      const ending = event.type === 'end' ? tasks.get(event.task) : undefined;
      tasks.emit(event);
      switch (event.type) {
        case 'start':
        case 'progress': {
          const task = tasks.get(event.task);
          const last = event.type === 'start' ? undefined : saidAt.get(event.task);
          if (task !== undefined && (last === undefined || now() - last >= INTERVAL_MS)) tell(task);
          return;
        }
        case 'end':
          if (ending !== undefined)
            tell(ending, { completed: true, durationMs: Math.round(event.durationMs) });
          return;
        case 'log':
          return send({
            type: 'Message',
            level: event.level,
            text: event.text,
            fields: event.fields ?? {},
            ...(event.repeated === true ? { repeated: true } : {}),
          });
      }
    },
  };
}

function describe(task: Task): Record<string, unknown> {
  const head = { task: task.task, description: task.text, id: task.task };
  const done = task.done ?? 0;
  const total = task.total ?? 0;
  const tail = { subtasks: [] };
  return task.unit === 'bytes'
    ? {
        type: 'ProgressBytes',
        ...head,
        bytesCached: 0,
        bytes: done,
        bytesTotal: total,
        stepsCached: 0,
        steps: 0,
        stepsTotal: 0,
        ...tail,
      }
    : { type: 'ProgressSteps', ...head, stepsCached: 0, steps: done, stepsTotal: total, ...tail };
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
