import { describe, expect, it } from 'vitest';
import { someDeployment, someDeployments } from '../../tests/support/deployment.ts';
import { selectAmong } from './select.ts';

const three = [
  someDeployment(0, { id: 'web-20260103-000000', image: `abcdef0${'0'.repeat(57)}` }),
  someDeployment(1, { id: 'web-20260102-000000', image: `abcdef1${'0'.repeat(57)}` }),
  someDeployment(2, { id: 'db-20260101-000000', image: `12345678${'0'.repeat(56)}` }),
];

describe('selectAmong', () => {
  const found = [
    ['web-20260102-000000', 1],
    ['db', 2],
    ['web-20260103', 0],
    ['0', 0],
    ['2', 2],
    ['rollback', 1],
    ['pending', 0],
    ['abcdef1', 1],
    ['ABCDEF1', 1],
    ['123456', 2],
  ] as const;
  it.each(found)('finds %s', (wanted, index) => {
    expect(selectAmong(three, wanted).index).toBe(index);
  });

  const missing = [
    ['nothing', /no deployment "nothing"/],
    ['', /no deployment ""/],
    ['3', /index 3/],
    ['booted', /booted/],
    ['staged', /staged/],
    ['12345', /no deployment "12345"/],
  ] as const;
  it.each(missing)('does not find %j, and lists what there is', (wanted, message) => {
    const select = () => selectAmong(three, wanted);
    expect(select).toThrow(message);
    expect(select).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }) as Error);
    try {
      select();
    } catch (error) {
      expect(error).toMatchObject({ hint: expect.stringContaining('2 db-20260101-000000') as string });
    }
  });

  it.each(['web', 'abcdef'])('asks which one %s means', wanted => {
    try {
      selectAmong(three, wanted);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('more than one') as string,
        details: { candidates: ['web-20260103-000000', 'web-20260102-000000'] },
      });
    }
  });

  it('prefers a whole id to a prefix', () => {
    const two = [
      someDeployment(0, { id: 'a-20260101-000000-2' }),
      someDeployment(1, { id: 'a-20260101-000000' }),
    ];
    expect(selectAmong(two, 'a-20260101-000000').index).toBe(1);
  });

  it('knows the roles where one is booted', () => {
    const all = someDeployments(3, 1);
    expect(selectAmong(all, 'booted').index).toBe(1);
    expect(selectAmong(all, 'pending').index).toBe(0);
  });

  it('says how to get a first one', () => {
    expect(() => selectAmong([], '0')).toThrow(/index 0/);
  });
});
