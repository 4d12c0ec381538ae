import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf, type JournalRecord, parseJournal, serializeRecord } from './journal.ts';

const begin: JournalRecord = { time: '2026-01-02T03:04:05.678Z', type: 'begin', data: { verb: 'deploy' } };
const step: JournalRecord = { time: '2026-01-02T03:04:06.000Z', type: 'step', data: { step: 'x' } };
const commit: JournalRecord = { time: '2026-01-02T03:04:07.000Z', type: 'commit', data: {} };

function parse(text: string) {
  return parseJournal(Buffer.from(text));
}

describe('parseJournal', () => {
  it('gives back what was serialized', () => {
    const types = fc.constantFrom('begin', 'step', 'commit', 'failed', 'interrupted', 'rolled-back');
    const dates = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) });
    const plain = { noNullPrototype: true };
    const record = fc.record(
      {
        time: dates.map(date => date.toISOString()),
        type: types,
        data: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string(), plain),
      },
      plain,
    );
    fc.assert(
      fc.property(fc.array(record), records => {
        const journal = parse(records.map(one => serializeRecord(one as JournalRecord)).join(''));
        expect(journal.records).toStrictEqual(records);
        expect(journal.damagedLines).toStrictEqual([]);
      }),
    );
  });

  it('never fails, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const journal = parseJournal(Buffer.from(bytes));
        expect(journal.records.length + journal.damagedLines.length).toBeLessThanOrEqual(bytes.length + 1);
      }),
    );
  });

  it('keeps every whole record before a torn one, at any length of the torn one', () => {
    const whole = serializeRecord(begin) + serializeRecord(step);
    const last = serializeRecord(commit);
    for (let length = 1; length < last.length - 1; length++) {
      const journal = parse(whole + last.slice(0, length));
      expect(journal.records).toStrictEqual([begin, step]);
      expect(journal.damagedLines).toStrictEqual([3]);
      expect(journal.endsWithNewline).toBe(false);
      expect(endOf(journal)).toBeUndefined();
    }
  });

  it('reads on after a torn line', () => {
    const journal = parse(`${serializeRecord(begin)}{"time":"2026\n${serializeRecord(commit)}`);
    expect(journal.records).toStrictEqual([begin, commit]);
    expect(journal.damagedLines).toStrictEqual([2]);
    expect(endOf(journal)).toStrictEqual(commit);
  });

  const notRecords = [
    ['text', 'hello'],
    ['an array', '[]'],
    ['null', 'null'],
    ['no time', '{"type":"begin","data":{}}'],
    ['a wrong time', '{"time":"yesterday","type":"begin","data":{}}'],
    ['an unknown type', '{"time":"2026-01-02T03:04:05.678Z","type":"explode","data":{}}'],
    ['data that is a list', '{"time":"2026-01-02T03:04:05.678Z","type":"begin","data":[]}'],
    ['a newer version', '{"version":2,"time":"2026-01-02T03:04:05.678Z","type":"begin","data":{}}'],
  ] as const;
  it.each(notRecords)('takes %s for damage', (_, line) => {
    expect(parse(`${line}\n`)).toStrictEqual({ records: [], damagedLines: [1], endsWithNewline: true });
  });
});
