/**
 * Jest's global setup: has what the tests run on before the first of them, so that no download is within a test's time. Only
 * for the whole suite: whoever runs some files waits for nothing they do not need.
 */
import { findChromium } from '../../scripts/infra/chromium.ts';
import { consulAgent, findProgram, natsServer } from '../../scripts/infra/find-program.ts';
import { findPostgres } from '../../scripts/infra/postgres.ts';
import { findRabbitMq } from '../../scripts/infra/rabbitmq.ts';

export default async function fetchServers({ nonFlagArgs }: { readonly nonFlagArgs: readonly string[] }) {
  if (nonFlagArgs.length > 0) return;
  const skipped = (name: string) => process.env.CI !== 'true' && process.env[`SKIP_${name}`] === '1';
  const wanted: (() => Promise<unknown>)[] = [
    () => findProgram(natsServer),
    () => findProgram(consulAgent),
    findChromium,
    ...(skipped('POSTGRES') ? [] : [findPostgres]),
    ...(skipped('RABBITMQ') ? [] : [findRabbitMq]),
  ];
  // One after the other: they come from one mirror. What is not to be had fails where it is needed, by name.
  for (const find of wanted) await find().catch(() => undefined);
}
