/**
 * A test for names that match one of `patterns`, in which `*` is any text and `?` any character, as for dpkg-query. No
 * patterns match every name.
 */
export function namePattern(patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map(pattern => globTest(pattern));
  return name => tests.length === 0 || tests.some(test => test(name));
}

/** Compares without going back more than to the last `*`, so that no pattern takes long. */
function globTest(pattern: string): (name: string) => boolean {
  return name => {
    let [p, n] = [0, 0];
    let star = -1;
    let mark = 0;
    while (n < name.length) {
      const wanted = pattern[p];
      if (wanted === '*') {
        star = p++;
        mark = n;
      } else if (wanted === '?' || wanted === name[n]) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++mark;
      } else return false;
    }
    while (pattern[p] === '*') p++;
    return p === pattern.length;
  };
}
