// Replaces app/host/sdk.ts in this page: what sessions use of the Web SDK. The build loads a file that
// replaces another one twice, so whatever must exist once is elsewhere.
export * from './sdk-parts';
