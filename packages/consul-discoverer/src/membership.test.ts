import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CatalogueNode } from './catalogue.ts';
import { type KnownNode, Membership } from './membership.ts';

const TTL = 15_000;
let now = 0;
let membership: Membership;

const listed = (nodeID: string, change: Partial<CatalogueNode> = {}): CatalogueNode => ({
  nodeID,
  instanceID: `${nodeID}-1`,
  seq: 1,
  infoHash: 'h',
  modifyIndex: 1,
  healthy: true,
  ...change,
});
const node = (nodeID: string, change: Partial<KnownNode> = {}): KnownNode => ({
  nodeID,
  instanceID: `${nodeID}-1`,
  seq: 1,
  available: true,
  ...change,
});
const registry = (...nodes: KnownNode[]) => new Map(nodes.map((known) => [known.nodeID, known]));
const me = listed('me');
const wantedIDs = (...nodes: KnownNode[]) =>
  membership.wanted(registry(...nodes)).map(({ instanceID }) => instanceID);
const suspectIDs = (...nodes: KnownNode[]) => membership.suspects(nodes).map(({ nodeID }) => nodeID);

beforeEach(() => {
  now = 1_000_000;
  membership = new Membership({ nodeID: 'me', instanceID: 'me-1' }, TTL, () => now);
});

describe('whose INFO to fetch', () => {
  test('an unknown node, one with a later sequence number and one that was offline, never oneself', () => {
    membership.update([me, listed('new'), listed('changed', { seq: 5 }), listed('back'), listed('same')]);
    expect(
      wantedIDs(node('changed', { seq: 4 }), node('back', { available: false, seq: 9 }), node('same')),
    ).toEqual(['new-1', 'changed-1', 'back-1']);
  });

  test('not a critical one', () => {
    membership.update([me, listed('a', { healthy: false })]);
    expect(wantedIDs()).toEqual([]);
  });

  test('of two instances of one node only the one registered later', () => {
    membership.update([
      me,
      listed('a', { instanceID: 'a-2', modifyIndex: 9 }),
      listed('a', { instanceID: 'a-1', modifyIndex: 3 }),
    ]);
    expect(wantedIDs()).toEqual(['a-2']);
  });

  test('a restarted node is fetched although its sequence number starts over', () => {
    membership.update([me, listed('a', { seq: 7 })]);
    membership.update([me, listed('a', { instanceID: 'a-2', seq: 1, modifyIndex: 2 })]);
    expect(wantedIDs(node('a', { seq: 7 }))).toEqual(['a-2']);
  });

  test('a list older than an INFO packet does not bring back the instance before', () => {
    membership.heard('a-2');
    membership.update([me, listed('a', { instanceID: 'a-1' })]);
    expect(wantedIDs(node('a', { instanceID: 'a-2' }))).toEqual([]);
  });

  test('an instance that was followed by another one never comes back, by list or by packet', () => {
    membership.update([me, listed('a')]);
    membership.replaced('a-1');
    now += 2 * TTL - 1;
    expect(wantedIDs(node('a', { instanceID: 'a-2' }))).toEqual([]);
    membership.update([me, listed('a', { healthy: false })]);
    now += 10 * TTL;
    expect(membership.heard('a-1')).toBe(false);
    membership.update([me, listed('a')]);
    membership.distrust();
    expect(membership.heard('a-1')).toBe(false);
  });

  test('unless Consul vouches for it longer than a dead one could look alive: then its follower was the ghost', () => {
    membership.update([me, listed('a')]);
    membership.replaced('a-1');
    now += 2 * TTL;
    expect(wantedIDs(node('a', { instanceID: 'a-0' }))).toEqual(['a-1']);
    expect(membership.heard('a-1')).toBe(true);
  });

  test('a list that may be outdated puts no other instance in the place of a known one, dead or alive', () => {
    membership.update([me, listed('a', { instanceID: 'a-2' })]);
    membership.mayBeOutdated();
    membership.update([me, listed('a', { instanceID: 'a-1' }), listed('new')]);
    expect(wantedIDs(node('a', { instanceID: 'a-2' }))).toEqual(['new-1']);
    expect(wantedIDs(node('a', { instanceID: 'a-2', available: false }))).toEqual(['new-1']);
    expect(wantedIDs(node('a', { instanceID: 'a-1', available: false }))).toEqual(['a-1', 'new-1']);
    now += TTL;
    expect(wantedIDs(node('a', { instanceID: 'a-2', available: false }))).toEqual(['a-1', 'new-1']);
  });

  test('a node that said goodbye is not resurrected by a list that still calls it passing', () => {
    membership.update([me, listed('a')]);
    membership.died('a-1');
    expect(wantedIDs(node('a', { available: false }))).toEqual([]);
  });

  test('an INFO packet after the goodbye proves it alive at once', () => {
    membership.update([me, listed('a')]);
    membership.died('a-1');
    expect(membership.heard('a-1')).toBe(true);
    expect(wantedIDs(node('a', { available: false }))).toEqual(['a-1']);
  });

  test('an instance still passing one TTL after its death was reported has beaten since, and lives', () => {
    membership.update([me, listed('a')]);
    membership.died('a-1');
    now += TTL;
    expect(wantedIDs(node('a', { available: false }))).toEqual(['a-1']);
  });
});

describe('whom to doubt', () => {
  test('a node that left the list, and one that turned critical', () => {
    membership.update([me, listed('a'), listed('b'), listed('c')]);
    membership.update([me, listed('b', { healthy: false }), listed('c')]);
    expect(suspectIDs(node('a'), node('b'), node('c'))).toEqual(['a', 'b']);
  });

  test('nobody before the first list', () => {
    expect(suspectIDs(node('a'))).toEqual([]);
  });

  test('not a node that is offline already, nor oneself', () => {
    membership.update([me]);
    expect(suspectIDs(node('a', { available: false }), node('me'))).toEqual([]);
  });

  test('not a node known by INFO packet only, until Consul had a TTL to list it', () => {
    membership.heard('a-1');
    membership.update([me]);
    expect(suspectIDs(node('a'))).toEqual([]);
    now += TTL;
    expect(suspectIDs(node('a'))).toEqual(['a']);
  });

  test('nobody, when the list lacks oneself', () => {
    membership.update([me, listed('a')]);
    membership.update([]);
    expect(suspectIDs(node('a'))).toEqual([]);
  });

  test('nobody for one TTL after the list gave reason for distrust', () => {
    membership.update([me, listed('a')]);
    membership.distrust();
    membership.update([me]);
    now += TTL - 1;
    expect(suspectIDs(node('a'))).toEqual([]);
    now += 1;
    expect(suspectIDs(node('a'))).toEqual(['a']);
  });

  test('most of the mesh at once only when the list has said so for one TTL', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((id) => node(id));
    membership.update([me, ...['a', 'b', 'c', 'd'].map((id) => listed(id))]);
    membership.update([me, listed('d')]);
    expect(suspectIDs(...nodes)).toEqual([]);
    now += TTL;
    expect(suspectIDs(...nodes)).toEqual(['a', 'b', 'c']);
  });

  test('two of two at once without delay: small meshes do crash whole', () => {
    membership.update([me, listed('a'), listed('b')]);
    membership.update([me]);
    expect(suspectIDs(node('a'), node('b'))).toEqual(['a', 'b']);
  });

  test('a mass that came back and vanishes again waits its TTL again', () => {
    const nodes = ['a', 'b', 'c'].map((id) => node(id));
    const all = [me, ...['a', 'b', 'c'].map((id) => listed(id))];
    membership.update(all);
    membership.update([me]);
    expect(suspectIDs(...nodes)).toEqual([]);
    now += TTL / 2;
    membership.update(all);
    expect(suspectIDs(...nodes)).toEqual([]);
    membership.update([me]);
    now += TTL / 2;
    expect(suspectIDs(...nodes)).toEqual([]);
  });
});
