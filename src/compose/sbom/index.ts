export { inventoryOf } from './inventory.ts';
