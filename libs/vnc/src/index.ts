export * from './security-types';
