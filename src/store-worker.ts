import { serve } from './store/worker.ts';

serve();
