/** Lines that come from a running program, and those who wait for one. */
export interface LineWatch {
  add(line: string): void;
  /** No more lines come; `stderr` is for the message of those who still wait. */
  end(stderr: string): void;
  /** Resolves with the first line that matches, also one of the past; rejects once no more can come. */
  waitFor(marker: RegExp): Promise<string>;
}

export function lineWatch(): LineWatch {
  const seen: string[] = [];
  const waiting: { marker: RegExp; resolve(line: string): void; reject(error: Error): void }[] = [];
  let over: string | undefined;
  const missed = (marker: RegExp) => new Error(`the program ended before it said ${marker}:\n${over}`);
  return {
    add(line) {
      seen.push(line);
      for (const one of [...waiting])
        if (one.marker.test(line)) {
          waiting.splice(waiting.indexOf(one), 1);
          one.resolve(line);
        }
    },
    end(stderr) {
      over = stderr.slice(-2000);
      for (const one of waiting.splice(0)) one.reject(missed(one.marker));
    },
    waitFor(marker) {
      const found = seen.find(line => marker.test(line));
      if (found !== undefined) return Promise.resolve(found);
      if (over !== undefined) return Promise.reject(missed(marker));
      return new Promise((resolve, reject) => waiting.push({ marker, resolve, reject }));
    },
  };
}

/** Calls `onLine` for each complete line of a text stream. */
export function onLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) onLine(part);
  });
}
