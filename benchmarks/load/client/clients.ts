import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromClients, Task } from './messages.ts';

export type End = Extract<FromClients, { type: 'end' }> & Pick<Extract<FromClients, { type: 'idle' }>, 'all'>;

export interface Clients extends AsyncDisposable {
  /**
   * Runs one task; not two at a time. `onBegin` is called when measuring begins, `onEnd` when it ends, as near to it as
   * a message between processes travels.
   */
  run(task: Task, onBegin: () => void, onEnd: () => void): Promise<End>;
}

export function startClients(): Clients {
  const child = fork(fileURLToPath(new URL('client-process.ts', import.meta.url)));
  return {
    run(task, onBegin, onEnd) {
      return new Promise((resolve, reject) => {
        let end: Extract<FromClients, { type: 'end' }> | undefined;
        const finish = () => {
          child.off('message', onMessage);
          child.off('exit', onExit);
        };
        const onExit = () => reject(new Error('the process of the clients ended'));
        const onMessage = (message: FromClients) => {
          if (message.type === 'begin') onBegin();
          else if (message.type === 'end') {
            onEnd();
            end = message;
          } else {
            finish();
            resolve({ ...end!, all: message.all });
          }
        };
        child.on('message', onMessage);
        child.on('exit', onExit);
        child.send(task);
      });
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
