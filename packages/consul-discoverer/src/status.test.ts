import { expect, test } from '@jest/globals';
import { ConsulError } from './errors.ts';
import { type DiscovererStatus, StatusBoard } from './status.ts';

function board() {
  const changes: DiscovererStatus[] = [];
  return { changes, status: new StatusBoard({ changed: (status) => changes.push(status) }) };
}
const unreachable = (why: string) => new ConsulError('unreachable', `no answer: ${why}`);

test('an agent that is gone is told once, whatever each request says about it', () => {
  const { changes, status } = board();
  status.failed('watch', unreachable('refused'));
  status.failed('registration', unreachable('reset'));
  status.failed('watch', unreachable('timed out'));
  expect(changes.map(({ error }) => error?.message)).toEqual(['no answer: refused']);
  expect(status.status).toMatchObject({ connected: false, registered: false });
});

test('coming back is told once, when the list is followed and the node is registered', () => {
  const { changes, status } = board();
  status.failed('watch', unreachable('refused'));
  status.failed('registration', unreachable('refused'));
  status.ok('watch');
  expect(changes).toHaveLength(1);
  status.ok('registration');
  status.ok('registration');
  expect(changes.at(1)).toMatchObject({ connected: true, registered: true, error: undefined });
  expect(changes).toHaveLength(2);
});

test('a denied registration stays told while the list can be followed', () => {
  const { status } = board();
  status.failed('registration', new ConsulError('denied', 'lacks x'));
  status.ok('watch');
  expect(status.status).toMatchObject({
    connected: true,
    registered: false,
    error: { failure: 'denied', message: 'lacks x' },
  });
});
