import { describe, expect, it } from 'vitest';
import { plainStyle } from '../../commands/index.ts';
import type { ProgressEvent } from '../../report/index.ts';
import { describeAmount } from './amount.ts';
import { createJsonLines } from './json-lines.ts';
import { logLine, withPriority } from './log-line.ts';
import { createPlainRenderer } from './plain.ts';
import { createTerminalRenderer } from './terminal.ts';

const start: ProgressEvent = {
  type: 'start',
  task: 'fetch',
  text: 'Fetching',
  total: 4_000_000,
  unit: 'bytes',
};
const progress = (done: number): ProgressEvent => ({ type: 'progress', task: 'fetch', done });
const end: ProgressEvent = { type: 'end', task: 'fetch', durationMs: 1234 };
const warning: ProgressEvent = { type: 'log', level: 'warning', text: 'bad \x1b[31mthing' };

describe('the terminal line', () => {
  function renderer(columns = 80, keepsSteps = false) {
    const clock = { ms: 0 };
    const written: string[] = [];
    const line = createTerminalRenderer({
      write: text => written.push(text),
      columns: () => columns,
      now: () => clock.ms,
      log: logLine('normal', plainStyle),
      keepsSteps,
    });
    return { line, clock, written, take: () => written.splice(0).join('') };
  }
  const ERASE = '\r\x1b[K';

  it('shows the task, what is done of how much, and the time it takes', () => {
    const { line, clock, take } = renderer();
    line.emit(start);
    expect(take()).toBe(`${ERASE}Fetching`);
    clock.ms = 2500;
    line.emit(progress(1_000_000));
    expect(take()).toBe(`${ERASE}Fetching  1.0 MB of 4.0 MB (25 %)  2 s`);
    clock.ms = 4100;
    line.tick();
    expect(take()).toContain('4 s');
    line.emit(end);
    expect(take()).toBe(ERASE);
    line.tick();
    line.clear();
    expect(take()).toBe('');
  });

  it('draws ten times a second at most', () => {
    const { line, clock, written } = renderer();
    line.emit(start);
    for (; clock.ms < 1000; clock.ms += 1) line.emit(progress(clock.ms));
    expect(written.length).toBeLessThanOrEqual(11);
    expect(written.length).toBeGreaterThanOrEqual(9);
  });

  it('makes room for log lines and comes back', () => {
    const { line, take } = renderer();
    line.emit(start);
    take();
    line.emit(warning);
    expect(take()).toBe(`${ERASE}warning: bad \\x1b[31mthing\n${ERASE}Fetching`);
  });

  it('never fills the width, whatever the text', () => {
    const { line, take } = renderer(20);
    line.emit({ type: 'start', task: 'x', text: `line\nwith 日本語 ${'x'.repeat(50)}` });
    const shown = take().slice(ERASE.length);
    expect(shown).toBe('line with 日本語 x…');
  });

  it('goes back to the outer task, and keeps steps when asked', () => {
    const { line, take } = renderer(80, true);
    line.emit({ type: 'start', task: 'build', text: 'Building' });
    line.emit(start);
    take();
    line.emit(end);
    expect(take()).toBe(`${ERASE}Building${ERASE}Fetching (1.2 s)\n${ERASE}Building`);
  });
});

describe('plain lines', () => {
  function lines(options: { showsSteps: boolean; isJournal: boolean }, events: readonly ProgressEvent[]) {
    const written: string[] = [];
    const verbosity = options.showsSteps ? 'normal' : 'quiet';
    const plain = createPlainRenderer({
      ...options,
      write: text => written.push(text),
      log: logLine(verbosity, plainStyle),
    });
    for (const event of events) plain.emit(event);
    return written.join('');
  }
  const info: ProgressEvent = { type: 'log', level: 'info', text: 'one\ntwo' };
  const debug: ProgressEvent = { type: 'log', level: 'debug', text: 'deep' };
  const events = [start, progress(1), info, debug, warning, end];

  it('tell the start and the end of a step', () =>
    expect(lines({ showsSteps: true, isJournal: false }, events)).toBe(
      'Fetching ...\none\ntwo\nwarning: bad \\x1b[31mthing\nFetching (1.2 s)\n',
    ));
  it('are warnings only when quiet', () =>
    expect(lines({ showsSteps: false, isJournal: false }, events)).toBe('warning: bad \\x1b[31mthing\n'));
  it('carry priorities for the journal, each line', () =>
    expect(lines({ showsSteps: true, isJournal: true }, events)).toBe(
      '<6>Fetching ...\n<6>one\n<6>two\n<4>warning: bad \\x1b[31mthing\n<6>Fetching (1.2 s)\n',
    ));
  it('leave empty lines alone', () => expect(withPriority('error', 'a\n\nb\n')).toBe('<3>a\n\n<3>b\n'));
  it('show debug records with their fields on request', () => {
    const show = logLine('debug', plainStyle);
    expect(show({ type: 'log', level: 'debug', text: 'deep', fields: { n: 1 } })).toBe(
      'debug: deep {"n":1}\n',
    );
  });
});

describe('JSON lines', () => {
  function objects(emit: (send: (event: ProgressEvent) => void, clock: { ms: number }) => void) {
    const clock = { ms: 0 };
    let text = '';
    const reporter = createJsonLines(
      line => {
        text += line;
      },
      () => clock.ms,
    );
    emit(event => reporter.emit(event), clock);
    expect(text.endsWith('\n')).toBe(true);
    return text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);
  }

  it('begin with the version and have the keys of bootc', () => {
    const said = objects((send, clock) => {
      send(start);
      clock.ms = 300;
      send(progress(1_000_000));
      send(end);
      send({ type: 'log', level: 'info', text: 'see http://a:b@c/' });
    });
    expect(said[0]).toEqual({ type: 'Start', version: 'org.apt-layer.progress/v1' });
    const bytes = {
      type: 'ProgressBytes',
      task: 'fetch',
      description: 'Fetching',
      id: 'fetch',
      bytesCached: 0,
    };
    expect(said[1]).toMatchObject({ ...bytes, bytes: 0, bytesTotal: 4_000_000, subtasks: [] });
    expect(said[2]).toMatchObject({ ...bytes, bytes: 1_000_000 });
    expect(said[3]).toMatchObject({ ...bytes, bytes: 1_000_000, completed: true, durationMs: 1234 });
    expect(said[4]).toEqual({ type: 'Message', level: 'info', text: 'see http://***@c/', fields: {} });
  });

  it('come at most five times a second for each task', () => {
    const said = objects((send, clock) => {
      send(start);
      send({ type: 'start', task: 'other', text: 'Other', total: 3 });
      for (clock.ms = 1; clock.ms <= 2000; clock.ms += 1) {
        send(progress(clock.ms));
        send({ type: 'progress', task: 'other', done: 1 });
      }
    });
    const fetch = said.filter(line => line['task'] === 'fetch');
    expect(fetch.length).toBe(11);
    expect(said.filter(line => line['type'] === 'ProgressSteps')).toHaveLength(11);
  });

  it('leave out what was never begun', () => {
    expect(objects(send => [progress(1), end].forEach(send))).toHaveLength(1);
  });
});

it.each([
  [undefined, 5, 'items', ''],
  [3, undefined, 'items', '3'],
  [3, 0, 'items', '3'],
  [3, 12, 'items', '3/12 (25 %)'],
  [15, 12, 'items', '15/12 (100 %)'],
  [1500, undefined, 'bytes', '1.5 kB'],
] as const)('%s of %s %s', (done, total, unit, expected) =>
  expect(describeAmount({ done, total, unit })).toBe(expected),
);
