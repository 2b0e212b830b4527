/** The thread that composes: see `composer.ts`. Runs as it is, by Node's own type stripping or built. */
import { serveTasks } from '../threads/serve-tasks.ts';
import { compose } from './compose.ts';

serveTasks(compose);
