import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentProofText, coordinatorProofText, NodeId, nodeKeyText } from '@reelmill/protocol';
import { describe, expect, test } from 'vitest';
import { answerChallenge, createNodeKeys, deriveNodeKey } from './nodeKeys.ts';

const facts = {
  coordinatorId: 'c-1',
  nodeId: NodeId.parse('n-1'),
  agentNonce: 'a'.repeat(64),
  coordinatorNonce: 'b'.repeat(64),
};
const mac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('hex');
const questionWith = (coordinatorMac: string) => ({
  challenge: { coordinatorId: facts.coordinatorId, nonce: facts.coordinatorNonce, mac: coordinatorMac },
  nodeId: facts.nodeId,
  agentNonce: facts.agentNonce,
  secret: { kind: 'join-token' as const, value: 'token' },
});

describe('the mutual challenge', () => {
  test('a coordinator that proves the token gets the proof of the agent', () => {
    const question = questionWith(mac('token', coordinatorProofText(facts)));
    expect(answerChallenge(question)).toEqual({ mac: mac('token', agentProofText(facts)) });
    expect(deriveNodeKey(question)).toBe(mac('token', nodeKeyText(facts)));
  });

  test.each([
    ['another token', mac('other', coordinatorProofText(facts))],
    ["the agent's own proof sent back", mac('token', agentProofText(facts))],
    ['a shorter text', 'ab'],
  ])('a coordinator with %s learns nothing', (_name, coordinatorMac) => {
    expect(() => answerChallenge(questionWith(coordinatorMac))).toThrow(
      expect.objectContaining({ code: 'ROGUE_COORDINATOR' }),
    );
  });
});

test('node keys are kept per coordinator, readable by their owner only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reelmill-keys-'));
  const keys = createNodeKeys(folder);
  expect(keys.read('../../etc/passwd')).toBeNull();
  keys.keep('c-1', 'one');
  keys.keep('c-2', 'two');
  keys.noteAddress('http://10.0.0.1:7420', 'c-1');
  expect([keys.read('c-1'), keys.read('c-2'), keys.idAt('http://10.0.0.1:7420'), keys.idAt('http://x')]).toEqual([
    'one',
    'two',
    'c-1',
    null,
  ]);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});
