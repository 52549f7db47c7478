// Made by ssh-keygen (OpenSSH 9.2), puttygen 0.78 and openssl 3.0, the passphrase each time
// "secret". They open nothing.

/** A private key as a tool wrote it, and its public key according to the same tool. */
export interface KeyVector {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** `ssh-keygen -t ed25519 -N secret` */
export const PROTECTED_CONTAINER: KeyVector = {
  privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABCYSSTr9L
2L8QUlrU/5QuIBAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIKokWLqle8o6Z8/P
YIywKXfJ6l8950PNIH02InXR33J3AAAAkFROZNZOPMpx+/KRm/KjiZV3guWSByuhu0zL6C
+UcaYn4YUhrrTJ8wX/udNxuz15w5U6tsekma6BnO4c7imlTvOvkR+sP2Z8WIDeAe2FVNKP
fyGg65FY8ihMzn86HQ7A26yJWJ0viT2gfzz8NyZhw60yFIfIHonnBcNkguwsqHFhe8nDwI
oC7qfjcYLRHcyIDw==
-----END OPENSSH PRIVATE KEY-----
`,
  publicKey:
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKokWLqle8o6Z8/PYIywKXfJ6l8950PNIH02InXR33J3 protected key',
};

/** `puttygen -t ed25519, version 3` */
export const PUTTY_3: KeyVector = {
  privateKey: `PuTTY-User-Key-File-3: ssh-ed25519
Encryption: aes256-cbc
Comment: putty 3
Public-Lines: 2
AAAAC3NzaC1lZDI1NTE5AAAAII5xgmbjy15nKrV8kiJgyVAbx3BWBBrxlVoznVza
kqvQ
Key-Derivation: Argon2id
Argon2-Memory: 8192
Argon2-Passes: 21
Argon2-Parallelism: 1
Argon2-Salt: cb28fee110c75c94a42546a5f66011fa
Private-Lines: 1
c/FnizG/CC1Gz9wZ4uQqn2Ext+fGv+BWCYN/XDZbBKldbobMM2FTjOCEL4w9zzsl
Private-MAC: 3ce1a4871886142edf4574f47c45a6b8f016059be99e8c4e0d59abd50bde3c4e
`,
  publicKey:
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII5xgmbjy15nKrV8kiJgyVAbx3BWBBrxlVoznVzakqvQ putty 3',
};

/** `puttygen -t ecdsa -b 256 --ppk-param version=2` */
export const PUTTY_2: KeyVector = {
  privateKey: `PuTTY-User-Key-File-2: ecdsa-sha2-nistp256
Encryption: aes256-cbc
Comment: putty 2
Public-Lines: 3
AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOdkW964aqRn
tyZa779khgLo+Uq1nJyvGJIoVmr6bPqO1tRA9EQ40Nwy98Xjj8f0YhOTl9hrzZMs
BRovS7jadns=
Private-Lines: 1
lLIo7lOwqy8mj/ScdAUryzj2PSnKgOdWYQCxr73ULTcHejgMKFAaPzH3u3MkwI3/
Private-MAC: b4307e301a98312c9907195c120e724484507fc5
`,
  publicKey:
    'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOdkW964aqRntyZa779khgLo+Uq1nJyvGJIoVmr6bPqO1tRA9EQ40Nwy98Xjj8f0YhOTl9hrzZMsBRovS7jadns= putty 2',
};

/** `ssh-keygen -t ecdsa -m PEM -N secret` */
export const PROTECTED_SEC1: KeyVector = {
  privateKey: `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,609406A8606675D731E1FD0DB39B7E99

cTA2hnNAgM92y5wt/rKQ/WmGvproUcgfUKqWfP/+5rsUlKhruN4lxINSZ2flgpoy
TrEivvpU3fkkglS+EZyB9TrPRJ/4cbPF0nvdspZDMxQCXTryqUxFTFP/yKaUt/O6
6W0R6LJXcIBUEovVplCfbsFsjQNMIncrpQuxWPrhXWM=
-----END EC PRIVATE KEY-----
`,
  publicKey:
    'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPPfTf0HBMGjkLxhlC+ilhWbsJJnV2lc0ulCqDauF97Ucs5RMdtItn7hjAsLNA7pN7xgRzfRLI2IvrCIY8FAtho=',
};

/** `openssl pkcs8 -topk8 -scrypt` */
export const PROTECTED_SCRYPT = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAg0PosZQX9yrAICQAAC
AQgCAQEwHQYJYIZIAWUDBAEqBBBkL0t5i01GX49F04CdxJsABEC2KY+5kQMNCLft
fepSZ8Reevv+NUykmkR/mi3mqzgqlc7LmcE8lxSBGCrrOeLkPvSDfgIl+GW8cr7E
7wYviDjz
-----END ENCRYPTED PRIVATE KEY-----
`;

/** `openssl pkcs8 -topk8 -v2 aes-256-cbc` */
export const PROTECTED_PBKDF2 = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh/2kFtYTdXhQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEI05MYrINah0DjbYFvIQHUIEQL/u
dSRFgOOYxRCpxLyrY5YrB0N7z73WKgCYAbKNWLmK0ooBq4qyqO+c4RzK5Voo1OdC
IBLk8ObAW4up7aB+rRY=
-----END ENCRYPTED PRIVATE KEY-----
`;

/** `ssh-keygen -t dsa -m PKCS8` */
export const DSA: KeyVector = {
  privateKey: `-----BEGIN PRIVATE KEY-----
MIIBSgIBADCCASsGByqGSM44BAEwggEeAoGBAIyLAW0Wme4jAiTDDxYQI2CYTH9Y
OayYXv0X4qBE054SoAPtOVSNWsDFp6K/Az412jpImcKAD49leMnLtSNLjx+L1QFK
CVjirziW0oUt8WR7e0qA/1y1fEmGP96bpjz5N7BDA0ENtIou7dCerFGtfX64YQPz
m09UXjD+yl7kfEs1AhUAxZjkB7BuLZexWnIIvOq9q8TAXBECgYBo9Qh2L20aZM/C
VT6bH08NMKcJRxTVclX1HC+G9wKXvWFPc6Iucj+Wv6wFuNw6lusIQbhXo4yPksHk
s2EiXSAvHGrRLCabgFX4Dt4Xon5n0LXco9N24J6LznAQSjefwS4+oLzkeRXrnXUW
zZh2ikadpgqL6u0k4tUtgOxTi4oBBwQWAhQWDURF1S2kgvxyPCT0JhNk267vtw==
-----END PRIVATE KEY-----
`,
  publicKey:
    'ssh-dss AAAAB3NzaC1kc3MAAACBAIyLAW0Wme4jAiTDDxYQI2CYTH9YOayYXv0X4qBE054SoAPtOVSNWsDFp6K/Az412jpImcKAD49leMnLtSNLjx+L1QFKCVjirziW0oUt8WR7e0qA/1y1fEmGP96bpjz5N7BDA0ENtIou7dCerFGtfX64YQPzm09UXjD+yl7kfEs1AAAAFQDFmOQHsG4tl7Facgi86r2rxMBcEQAAAIBo9Qh2L20aZM/CVT6bH08NMKcJRxTVclX1HC+G9wKXvWFPc6Iucj+Wv6wFuNw6lusIQbhXo4yPksHks2EiXSAvHGrRLCabgFX4Dt4Xon5n0LXco9N24J6LznAQSjefwS4+oLzkeRXrnXUWzZh2ikadpgqL6u0k4tUtgOxTi4oBBwAAAIBATiq5sg70RjR90v+PM4Uq/MQWxJ8Y8Qf6qApkmC5Lqx2GzqnDM5Tp52kQEQrNi9CH+VzNV9CleVNqfWHRFnLPoKxHUZA0gXTMOForFZvll1pfJbUow19/V9ci+ht+pCqYdl449hMpc/66P0YP12WPJOpxb1uNvtaCrs9q+8vusA==',
};

/** `ssh-keygen -t ed25519 -C me`, certified with `-s ca -I 'an id' -n root -z 7`. */
export const CERTIFIED = {
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBMYtEGf5Z2ikOdQWlGg7bN1igyQ7uzlu8yvkdfJI7gT me',
  certificate:
    'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIEZjJOseL8YOOy7rSgZV65g5FDxxsI3SYYPj/O/AkfmvAAAAIBMYtEGf5Z2ikOdQWlGg7bN1igyQ7uzlu8yvkdfJI7gTAAAAAAAAAAcAAAABAAAABWFuIGlkAAAACAAAAARyb290AAAAAGlVuQAAAAAAazbsgAAAAAAAAACCAAAAFXBlcm1pdC1YMTEtZm9yd2FyZGluZwAAAAAAAAAXcGVybWl0LWFnZW50LWZvcndhcmRpbmcAAAAAAAAAFnBlcm1pdC1wb3J0LWZvcndhcmRpbmcAAAAAAAAACnBlcm1pdC1wdHkAAAAAAAAADnBlcm1pdC11c2VyLXJjAAAAAAAAAAAAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIAmspGt7GnRjsLYWByNgGrqfZLSh3LcA5u2x5uMXk4FFAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEAqQG0unJOO78LmDjYPA631WfUaNQ/jXkL68ykl0TURPSgvU8QLIyVnaleqrzG4c77dKZchJANk1Lo8xFXELzYG me',
};

/** `ssh-keygen -h -s ca -I 'a host'` */
export const HOST_CERTIFICATE =
  'ssh-dss-cert-v01@openssh.com AAAAHHNzaC1kc3MtY2VydC12MDFAb3BlbnNzaC5jb20AAAAglJSpd3R2TKMlgbQX2Z4SutCdBgy8Nn5CU3QiNozul80AAACBAIyLAW0Wme4jAiTDDxYQI2CYTH9YOayYXv0X4qBE054SoAPtOVSNWsDFp6K/Az412jpImcKAD49leMnLtSNLjx+L1QFKCVjirziW0oUt8WR7e0qA/1y1fEmGP96bpjz5N7BDA0ENtIou7dCerFGtfX64YQPzm09UXjD+yl7kfEs1AAAAFQDFmOQHsG4tl7Facgi86r2rxMBcEQAAAIBo9Qh2L20aZM/CVT6bH08NMKcJRxTVclX1HC+G9wKXvWFPc6Iucj+Wv6wFuNw6lusIQbhXo4yPksHks2EiXSAvHGrRLCabgFX4Dt4Xon5n0LXco9N24J6LznAQSjefwS4+oLzkeRXrnXUWzZh2ikadpgqL6u0k4tUtgOxTi4oBBwAAAIBATiq5sg70RjR90v+PM4Uq/MQWxJ8Y8Qf6qApkmC5Lqx2GzqnDM5Tp52kQEQrNi9CH+VzNV9CleVNqfWHRFnLPoKxHUZA0gXTMOForFZvll1pfJbUow19/V9ci+ht+pCqYdl449hMpc/66P0YP12WPJOpxb1uNvtaCrs9q+8vusAAAAAAAAAAAAAAAAgAAAAZhIGhvc3QAAAANAAAACXBsYy5sb2NhbAAAAAAAAAAA//////////8AAAAAAAAAAAAAAAAAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIAmspGt7GnRjsLYWByNgGrqfZLSh3LcA5u2x5uMXk4FFAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEAuRye9l9kml7QQtxlR0AqReSwYYhU8oDoanA/3axFYou9KEuc/fSTniJIn/Z5DP7Q4fEi4aIIbIGUS/gdnFFgB root@vm';
