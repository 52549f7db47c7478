import { signedInHeaders } from './client';

describe('the sign-in of the window', () => {
  afterEach(() => {
    sessionStorage.clear();
    localStorage.clear();
    document.cookie = 'XSRF-TOKEN=; max-age=0';
  });

  it("is the cookie, with the token that proves the page's origin", () => {
    document.cookie = 'XSRF-TOKEN=abc';
    expect(signedInHeaders()).toEqual({ UseXBasic: 'true', 'X-XSRF-TOKEN': 'abc' });
  });

  it.each([
    ['for the tab', () => sessionStorage],
    ['for good', () => localStorage],
  ])('is Basic if the user chose to stay signed in %s', (_how, storage) => {
    storage().setItem('_tcy8', 'dDpwdw==');
    storage().setItem('TFAToken', '123456');
    const Authorization = 'Basic dDpwdw==';
    expect(signedInHeaders()).toEqual({ UseXBasic: 'true', Authorization, tfatoken: '123456' });
  });

  it('ends with the sign-in of the application, because nothing is copied (security)', () => {
    sessionStorage.setItem('_tcy8', 'dDpwdw==');
    signedInHeaders();
    sessionStorage.clear();
    expect(signedInHeaders()).toEqual({ UseXBasic: 'true' });
  });
});
