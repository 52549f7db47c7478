export * from './diffie-hellman-security';
export * from './password-security';
export * from './rectangles';
export * from './rsa-aes-security';
export * from './scripted-vnc';
export * from './vnc-peer';
