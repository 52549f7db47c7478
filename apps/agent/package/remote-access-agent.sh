#!/bin/sh
exec /usr/lib/remote-access-agent/node --max-semi-space-size=1 \
  /usr/lib/remote-access-agent/app/dist/main.js "$@"
