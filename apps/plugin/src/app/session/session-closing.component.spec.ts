import { Pipe, type PipeTransform } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import type { ClosingCause } from '@remote-access/contracts';
import { SessionClosingComponent } from './session-closing.component';

jest.mock('../host/sdk', () => {
  @Pipe({ name: 'translate' })
  class C8yTranslatePipe implements PipeTransform {
    transform(text: string, values: Readonly<Record<string, string>> = {}): string {
      return text.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? '');
    }
  }
  return { C8yTranslatePipe };
});

async function show(cause: ClosingCause, inMs: number) {
  const { C8yTranslatePipe } = await import('../host/sdk');
  TestBed.configureTestingModule({ providers: [C8yTranslatePipe] });
  const fixture = TestBed.createComponent(SessionClosingComponent);
  fixture.componentRef.setInput('closing', { cause, atMs: performance.now() + inMs });
  const stays = jest.fn();
  fixture.componentInstance.stay.subscribe(stays);
  fixture.detectChanges();
  const element = fixture.nativeElement as HTMLElement;
  return { fixture, stays, alert: element.querySelector('[role=alert]')! };
}

describe('the warning before a session ends', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('offers to keep an idle session', async () => {
    const { alert, stays } = await show('idle', 60_000);
    const button = alert.querySelector('button')!;
    expect(button.textContent.trim()).toBe('Stay connected');
    button.click();
    expect(stays).toHaveBeenCalledTimes(1);
  });

  it.each<[ClosingCause, RegExp]>([
    ['duration', /maximum duration/],
    ['shutdown', /restarted/],
  ])('says why it ends and offers nothing that would not help: %s', async (cause, text) => {
    const { alert } = await show(cause, 60_000);
    expect(alert.textContent).toMatch(text);
    expect(alert.querySelector('button')).toBeNull();
  });

  it('counts the seconds down to 0', async () => {
    const { alert, fixture } = await show('idle', 60_000);
    expect(alert.textContent).toContain('60 s left');
    for (const [afterMs, left] of [
      [12_000, '48 s left'],
      [100_000, '0 s left'],
    ] as const) {
      jest.advanceTimersByTime(afterMs);
      fixture.detectChanges();
      expect(alert.textContent).toContain(left);
    }
  });
});
