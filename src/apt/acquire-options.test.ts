import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAptConfigDump, renderAcquireOptions } from './acquire-options.ts';

const render = (dump: string) => renderAcquireOptions(parseAptConfigDump(dump));
const VERIFY = [
  'Acquire::AllowInsecureRepositories "false";',
  'Acquire::AllowWeakRepositories "false";',
  'Acquire::AllowDowngradeToInsecureRepositories "false";',
  '',
].join('\n');

describe('renderAcquireOptions', () => {
  it.each([
    ['Acquire::Check-Valid-Until "false";', ''],
    ['Acquire::Max-ValidTime "10";', ''],
    ['Acquire::Retries "7";', 'Acquire::Retries "7";\n'],
    ['Acquire::http::Proxy::a.example "DIRECT";', 'Acquire::http::Proxy::a.example "DIRECT";\n'],
    ['Acquire::http::User-Agent "a%25b";', 'Acquire::http::User-Agent "a%b";\n'],
    [
      'Acquire::Languages "";\nAcquire::Languages:: "none";\nAcquire::Languages:: "de";',
      '#clear Acquire::Languages;\nAcquire::Languages:: "none";\nAcquire::Languages:: "de";\n',
    ],
    ['Acquire::http::Proxy-Auto-Detect "/usr/bin/evil";', ''],
    ['Acquire::http::ProxyAutoDetect "/usr/bin/evil";', ''],
    ['APT::Update::Post-Invoke:: "rm -rf /";', ''],
    ['DPkg::Pre-Invoke:: "rm -rf /";', ''],
    ['Acquire::AllowInsecureRepositories "1";', ''],
    ['Acquire::AllowWeakRepositories "true";', ''],
    ['Acquire::http::Proxy "http://a%22; DPkg::Pre-Invoke {%22x%22};";', ''],
    ['Acquire::http::X "a%0ab";', ''],
    ['Acquire::IndexTargets::deb::DEP-11::MetaKey "x";', ''],
    ['no setting at all', ''],
  ])('%s', (dump, text) => {
    expect(render(dump)).toEqual({ text: text + VERIFY, proxyPasswords: '' });
  });

  it('moves passwords to netrc', () => {
    const { text, proxyPasswords } = render('Acquire::http::Proxy "http://us%2525er:p%2540ss@proxy:3128/";');
    expect(text).toContain('Acquire::http::Proxy "http://proxy:3128/";');
    expect(text).not.toMatch(/us|ss@|p%40/);
    expect(proxyPasswords).toBe('machine http://proxy:3128 login us%er password p@ss\n');
  });

  it('never lets a value out of its quotes', () => {
    fc.assert(
      fc.property(fc.string(), value => {
        const { text } = renderAcquireOptions([{ name: 'Acquire::http::Proxy', value }]);
        for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^Acquire::\S+ "[^"]*";$/);
      }),
    );
  });
});
