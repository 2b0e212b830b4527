import { describe, expect, test } from '@jest/globals';
import { checkImports } from './rules.ts';

const offences = (path: string, text: string) => checkImports([{ path, text }]).map((each) => each.message);

describe('refused', () => {
  test.each([
    [
      'packages/federation/src/a.ts',
      `import { x } from '../../../services/orders/order.ts';`,
      'never imports gateway/',
    ],
    ['packages/federation/src/a.ts', `export * from '../../../gateway/config.ts';`, 'never imports gateway/'],
    [
      'packages/federation/src/a.ts',
      `const x = await import('../../../gateway/config.ts');`,
      'never imports gateway/',
    ],
    [
      'packages/federation/src/a.test.ts',
      `import '../../../services/orders/order.ts';`,
      'never imports gateway/',
    ],
    ['packages/federation/src/a.ts', `import x from '../../nats-transporter/src/x.ts';`, 'by name'],
    ['packages/federation/src/a.ts', `import x from '../../../scripts/infra/nats.ts';`, 'stands alone'],
    [
      'services/orders/resolvers.ts',
      `import {\n  x,\n} from '../products/product.ts';`,
      'another service (products)',
    ],
    [
      'services/orders/actions/a.ts',
      `import type { X } from '../../products/product.ts';`,
      'another service',
    ],
    ['services/orders/resolvers.ts', `import { x } from '../../gateway/config.ts';`, 'knows no gateway'],
    ['gateway/edge/a.ts', `import { x } from '../../services/orders/order.ts';`, 'knows no service'],
    ['services/orders/order.ts', `import { x } from './order-store.ts';`, 'only types'],
    ['services/orders/order.ts', `import { x } from 'node:fs';`, 'only types'],
    ['gateway/edge/a.ts', `const port = process.env.PORT;`, 'process.env'],
  ])('%s: %s', (path, text, expected) => {
    expect(offences(path, text)).toEqual([expect.stringContaining(expected)]);
  });

  test('is told by line', () => {
    const text = `// one\n\nimport { x } from '../products/product.ts';\n`;
    expect(checkImports([{ path: 'services/orders/resolvers.ts', text }])).toEqual([
      expect.objectContaining({ path: 'services/orders/resolvers.ts', line: 3 }),
    ]);
  });
});

describe('allowed', () => {
  test.each([
    ['packages/federation/src/a.ts', `import { x } from './b.ts';\nimport y from 'moleculer';`],
    ['packages/federation/src/a.int.test.ts', `import x from '../../../scripts/infra/nats.ts';`],
    [
      'services/orders/resolvers.ts',
      `import { x } from '../common/money.ts';\nimport { y } from './order.ts';`,
    ],
    ['services/orders/order.ts', `import type { Money } from '../common/money.ts';`],
    ['gateway/a.test.ts', `import { shopErrors } from '../services/common/errors.ts';`],
    ['services/orders/order-store.ts', `import { x } from 'kysely';`],
    ['services/common/database/contract.int.test.ts', `import { x } from '../../orders/order-store.ts';`],
    ['gateway/config.ts', `export default process.env.PORT;`],
    ['scripts/start.ts', `import '../gateway/config.ts'; process.env.PORT;`],
    ['gateway/edge/a.ts', `// unlike process.env, this is parsed\n/** see process.env */`],
  ])('%s: %s', (path, text) => {
    expect(offences(path, text)).toEqual([]);
  });
});
