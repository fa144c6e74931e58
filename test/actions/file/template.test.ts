import { describe, expect, it } from 'vitest';
import { fill, fillPattern, namesIn } from '../../../src/actions/file/template.ts';

describe('fill', () => {
  it('inserts values unchanged, and inserts parts by their names', () => {
    expect(fill('{{a}} {{> two}}{{#list}}[{{x}}]{{/list}}', { a: '<&>', list: [{ x: 1 }, { x: 2 }] }, { two: '{{a}}!' })).toBe(
      '<&> <&>![1][2]',
    );
  });
});

describe('fillPattern', () => {
  it('inserts values so that they match literally, and leaves the rest of the pattern unchanged', () => {
    const pattern = new RegExp(fillPattern('^{{> two}}.$', { a: 'x.y-z/[(+' }, { two: '{{a}}' }));
    expect([pattern.test('x.y-z/[(+!'), pattern.test('xay-z/[(+!'), pattern.test('x.y-z/[(+')]).toEqual([true, false, false]);
  });
});

describe('namesIn', () => {
  it('finds all names, including those inside sections', () => {
    expect(namesIn('{{a}}{{#b}}{{^c}}{{> d}}{{/c}}{{/b}}{{! e }}')).toEqual([
      { name: 'a', part: false },
      { name: 'b', part: false },
      { name: 'c', part: false },
      { name: 'd', part: true },
    ]);
  });

  it.each([['{{#a}}'], ['{{a'], ['{{{a}}}'], ['{{&a}}'], ['{{=<% %>=}}']])('refuses %s', (template) => {
    expect(() => namesIn(template)).toThrow(Error);
  });
});
