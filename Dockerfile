# The microservice for Docker, Podman and Kubernetes. `npm run pack` makes the archive for a tenant
# without an engine; with --engine it builds this file.
ARG BASE=node:24-slim

FROM ${BASE} AS build
WORKDIR /build
# Only the package.json of the other workspaces, which the lock file requires.
COPY package.json package-lock.json .npmrc tsconfig.base.json ./
COPY libs libs
COPY apps apps
COPY tools tools
# The secret contains additional certificate authorities for npm, such as that of a company's proxy. It is optional
# and not part of the image.
RUN --mount=type=secret,id=ca \
  if test -s /run/secrets/ca; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi \
  && npm ci --no-audit --no-fund --ignore-scripts --workspace apps/microservice --include-workspace-root \
  && node node_modules/typescript/bin/tsc -b apps/microservice \
  && rm -rf node_modules \
  && npm ci --no-audit --no-fund --ignore-scripts --omit=dev --omit=optional --workspace apps/microservice \
  && for one in apps/*; do test "$one" = apps/microservice || rm -rf "$one"; done \
  && rm -rf libs/testkit \
  && find node_modules -type d -regex '.*node_modules/\(@[^/]*/\)?[^/@]*/\(tests?\|examples?\|benchmarks?\)' \
    -prune -exec rm -rf {} + \
  && find libs apps node_modules -type f \
    \( -name '*.map' -o -name '*.ts' -o -name '*.[cm]ts' -o -name '*.tsbuildinfo' \) -delete \
  && find libs apps -type f -name 'tsconfig*.json' -delete \
  && find . -type d -empty -delete

FROM ${BASE}
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="cloud-remote-access" \
  org.opencontainers.image.description="Remote access to machines behind gateways, for Cumulocity" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}"
# Lets Node.js listen on port 80 without being root. libcap2-bin is removed again.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libcap2-bin \
  && setcap cap_net_bind_service=+ep "$(readlink -f "$(command -v node)")" \
  && apt-get purge --yes --auto-remove libcap2-bin \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log
WORKDIR /app
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/libs libs
COPY --from=build /build/apps apps
COPY LICENSE NOTICE ./
ENV NODE_ENV=production
USER 1000:1000
EXPOSE 80
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["/usr/local/bin/node", "apps/microservice/dist/health-check.js"]
# docs/operations.md explains these V8 options.
ENTRYPOINT ["/usr/local/bin/node", "--initial-old-space-size=128", "--max-semi-space-size=4", "apps/microservice/dist/main.js"]
