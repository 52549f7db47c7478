import { Pipe, type PipeTransform } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import type { SessionState } from './connection/session-machine';
import { SessionInterruptionComponent } from './session-interruption.component';

jest.mock('../host/sdk', () => {
  @Pipe({ name: 'translate' })
  class C8yTranslatePipe implements PipeTransform {
    transform(text: string, values: Readonly<Record<string, string>> = {}): string {
      return text.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? '');
    }
  }
  return { C8yTranslatePipe };
});

async function textWith(heldBytes: number, isFull = false): Promise<string> {
  const { C8yTranslatePipe } = await import('../host/sdk');
  TestBed.configureTestingModule({ providers: [C8yTranslatePipe] });
  const fixture = TestBed.createComponent(SessionInterruptionComponent);
  const state: Partial<Extract<SessionState, { phase: 'interrupted' }>> = {
    phase: 'interrupted',
    heldBytes,
    isFull,
    keptUntilMs: performance.now() + 60_000,
  };
  fixture.componentRef.setInput('state', state);
  fixture.detectChanges();
  const { textContent } = fixture.nativeElement as HTMLElement;
  fixture.destroy();
  return textContent;
}

it.each([
  [1, '1 byte typed in the meantime will be sent.'],
  [13, '13 bytes typed in the meantime will be sent.'],
])('says that %d bytes will be sent', async (heldBytes, text) => {
  expect(await textWith(heldBytes)).toContain(text);
});

it('says when no more input can be kept', async () => {
  expect(await textWith(4_096, true)).toContain(
    '4096 bytes typed in the meantime will be sent. No more can be kept.',
  );
});

it('says nothing about input while there is none', async () => {
  expect(await textWith(0)).not.toContain('byte');
});
