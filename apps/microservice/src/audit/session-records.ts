/** The label of records about the begin of a session. */
export const SESSION_STARTED = 'Remote access session started';

/** The label of records about its end. Each session that has begun gets one. */
export const SESSION_ENDED = 'Remote access session ended';

/** The label of records about who watches it, and who has the keyboard. */
export const SESSION_WATCHED = 'Remote access session watched';

/** The application that our records name. */
export const APPLICATION = 'cloud-remote-access';
