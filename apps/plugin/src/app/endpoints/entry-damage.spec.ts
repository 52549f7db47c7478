/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { damageMessage } from './entry-damage';

const SERVICE = join(__dirname, '../../../../../apps/microservice/src/endpoints');

it('knows everything that the service says about damaged entries', () => {
  const problems = readdirSync(SERVICE)
    .filter(file => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map(file => readFileSync(join(SERVICE, file), 'utf8'))
    .flatMap(source => [...source.matchAll(/damage\.push\((['`])(.*?)\1\)/g)])
    .map(([, , text]) => text!.replaceAll(/\$\{\w+\}/g, 'value'));
  expect(problems.length).toBeGreaterThan(8);
  expect(problems.filter(problem => !damageMessage(problem).values)).toEqual([]);
});

it('keeps the names of fields', () => {
  expect(damageMessage('hostname is missing')).toEqual({
    text: '{{ field }} is missing',
    values: { field: 'hostname' },
  });
});

it('keeps what it does not know', () => {
  expect(damageMessage('Something else')).toEqual({ text: 'Something else' });
});
