/** Wrong settings end a command with exit code 1 and one line that names the setting and what it takes. */
import { expect, test } from '@jest/globals';
import { runScript } from '../../support/command.ts';
import { temporaryFolder } from '../../support/folders.ts';

test.each([
  ['start', [], { PORT: 'http' }, /PORT takes an integer/],
  ['start', [], { LOG_LEVEL: 'loud' }, /LOG_LEVEL takes one of fatal, error/],
  ['start', [], { DATABASE_URL: 'mysql://a' }, /DATABASE_URL/],
  ['start', ['--prot', '1'], {}, /--prot.*--help/],
  ['gateway', [], { NATS_URL: 'localhost' }, /NATS_URL takes nats:/],
  ['gateway', [], { SUBGRAPHS_FILE: '/no/such/file.json' }, /^SUBGRAPHS_FILE takes .*no\/such\/file/],
  ['cluster', [], { CONSUL_HTTP_ADDR: 'ftp://x' }, /CONSUL_HTTP_ADDR takes host:port/],
  ['cluster', ['--replicas', 'orders=0'], {}, /--replicas takes service=count/],
  ['cluster', ['--replicas', 'nothing=2'], {}, /no service nothing: there are \w+/],
  ['cluster', [], { NATS_SERVER_BIN: '/bin/false' }, /NATS_SERVER_BIN=\/bin\/false is not a working/],
  ['node', [], {}, /SERVICES takes the services to run/],
  ['node', ['nothing'], {}, /no service nothing/],
  ['repl', [], {}, /no cluster is running: start one with npm run cluster/],
])('%s %j %j', async (script, args, env, line) => {
  await using data = await temporaryFolder();
  await using command = runScript(script, args, { env: { DATA_DIR: data.path, ...env } });
  expect(await command.exited).toBe(1);
  expect(command.errorOutput()).toMatch(line);
  expect(command.errorOutput().trimEnd().split('\n')).toHaveLength(1);
});

test.each(['start', 'gateway', 'cluster', 'repl', 'node'])(
  '%s --help says how it is used',
  async (script) => {
    await using command = runScript(script, ['--help']);
    expect(await command.exited).toBe(0);
    expect(command.output()).toMatch(/^usage: /);
  },
);
