import net from 'node:net';
import { onLines } from '../../support/line-watch.ts';

/** QEMU's monitor. */
export interface Monitor {
  /** A command of the human monitor; fails with what it says, as those that work say nothing. */
  human(command: string): Promise<void>;
  close(): void;
}

/** Connects to a socket of `-qmp`, which must be there. */
export async function connectMonitor(socketPath: string): Promise<Monitor> {
  const socket = net.connect(socketPath);
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  const end = () => {
    for (const one of waiting.splice(0)) one.reject(new Error('QEMU ended'));
  };
  socket.on('error', () => socket.destroy());
  socket.on('close', end);
  onLines(socket.setEncoding('utf8'), line => {
    const message = JSON.parse(line) as { return?: unknown; error?: { desc: string } };
    if ('return' in message) waiting.shift()?.resolve(message.return);
    if (message.error !== undefined) waiting.shift()?.reject(new Error(message.error.desc));
  });
  const execute = (command: object) =>
    new Promise<unknown>((resolve, reject) => {
      waiting.push({ resolve, reject });
      if (socket.destroyed) end();
      else socket.write(`${JSON.stringify(command)}\n`);
    });
  await execute({ execute: 'qmp_capabilities' });
  return {
    async human(command) {
      const said = await execute({
        execute: 'human-monitor-command',
        arguments: { 'command-line': command },
      });
      if (said !== '') throw new Error(`${command}: ${said}`);
    },
    close: () => void socket.destroy(),
  };
}
