export * from './bayeux-channels';
export * from './bayeux-session';
export * from './long-polling-transport';
export * from './web-socket-transport';
