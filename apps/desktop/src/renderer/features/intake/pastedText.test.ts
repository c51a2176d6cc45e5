import { expect, test } from 'vitest';
import { readPastedText } from './pastedText.ts';

test('check 6: paths are taken as file managers copy them; addresses are refused by their kind', () => {
  expect(readPastedText('/a/b c.mov\n"C:\\clips\\d.mov"\r\nfile:///e%20f.mov\n')).toEqual({
    paths: ['/a/b c.mov', 'C:\\clips\\d.mov', '/e f.mov'],
    refusal: null,
  });
  expect(readPastedText('https://example.org/a.mov').refusal?.cause).toContain('cannot be fetched from the web yet');
  expect(readPastedText('ftp://example.org/a.mov').refusal?.cause).toContain('ftp: addresses are not supported');
  expect(readPastedText('hello').refusal?.cause).toContain('no absolute path');
});
