import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { layoutScopes, parsePolicy, registryScopes, ruleFor } from './index.ts';

const ACCEPT = [{ type: 'insecureAcceptAnything' }];
const REJECT = [{ type: 'reject' }];

it('reads what is written', () => {
  const requirements = fc.array(fc.record({ type: fc.string(), keyPath: fc.string() }), { minLength: 1 });
  const name = fc.string().filter(text => text !== '__proto__');
  const policy = fc.record({
    default: requirements,
    transports: fc.dictionary(name, fc.dictionary(name, requirements, { noNullPrototype: true }), {
      noNullPrototype: true,
    }),
  });
  fc.assert(
    fc.property(policy, one => {
      const read = parsePolicy(JSON.stringify(one), 'p');
      expect(read.default).toEqual(one.default);
      const transports = [...read.transports].map(([key, scopes]) => [key, Object.fromEntries(scopes)]);
      expect(Object.fromEntries(transports)).toEqual(one.transports);
    }),
  );
});

it('says what is wrong with anything else', () => {
  const refused = (text: string) => {
    try {
      parsePolicy(text, '/p.json');
    } catch (error) {
      if (error instanceof AptLayerError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'taken';
  };
  fc.assert(fc.property(fc.string(), text => refused(text).startsWith('CONFIG_INVALID: /p.json: ')));
  fc.assert(fc.property(fc.json(), text => refused(text).startsWith('CONFIG_INVALID: /p.json: ')));
  const rule = '[{"type": "reject"}]';
  expect(refused(`{"default": ${rule}}`)).toBe('taken');
  const cases: [string, string][] = [
    [`{"default": ${rule}, "more": 1}`, 'the key "more" is not known'],
    [`{"default": ${rule}, "default": ${rule}}`, '"default" stands there twice'],
    [`{"default": ${rule}, "d\\u0065fault": ${rule}}`, '"default" stands there twice'],
    [
      `{"default": ${rule}, "transports": {"docker": {"a": ${rule}, "a": ${rule}}}}`,
      '"a" stands there twice',
    ],
    [`{"default": [{"type": "x", "k": 1, "k": 2}]}`, '"k" stands there twice'],
    ['{"default": []}', 'not empty'],
    ['{"default": [{}]}', 'with a `type`'],
    [`{"default": ${rule}, "transports": []}`, '`transports` is no object'],
    [`{"default": ${rule}, "transports": {"docker": ${rule}}}`, '"docker" is no object'],
    ['[]', 'it is no object'],
    ['{', 'it is not JSON'],
  ];
  for (const [text, said] of cases) expect(refused(text)).toContain(said);
  // Keys of other objects, and texts, may be the same.
  expect(refused(`{"default": [{"type": "type", "a": {"type": ":"}}, {"type": "x"}]}`)).toBe('taken');
});

it('has the narrowest rule decide', () => {
  expect(registryScopes('h.example.org:5000/a/b:1', 'h.example.org:5000/a/b')).toEqual([
    ...['h.example.org:5000/a/b:1', 'h.example.org:5000/a/b', 'h.example.org:5000/a', 'h.example.org:5000'],
    ...['*.example.org', '*.org'],
  ]);
  expect(layoutScopes('/var/lib/x')).toEqual(['/var/lib/x', '/var/lib', '/var']);
  const docker = { 'h.org/a': ACCEPT, '*.org': REJECT, '': REJECT };
  const policy = parsePolicy(JSON.stringify({ default: ACCEPT, transports: { docker } }), 'p');
  const rule = (image: string) => ruleFor(policy, 'docker', registryScopes(`${image}:1`, image));
  expect(rule('h.org/a/b')).toEqual({ name: 'docker h.org/a', requirements: ACCEPT });
  expect(rule('h.org/ab').name).toBe('docker *.org');
  expect(rule('h.net/a').name).toBe('docker');
  expect(ruleFor(policy, 'oci', ['/x'])).toEqual({ name: 'default', requirements: ACCEPT });
});
