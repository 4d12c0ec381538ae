import { pinCommand } from './pin-result.ts';

export const command = pinCommand(false);
