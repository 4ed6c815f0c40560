# The gateway in an image without shell or package manager, run by a user without rights.

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY generated generated
COPY src src
RUN npm run build

FROM node:24-trixie-slim AS production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# Node itself the last image has.
RUN rm -rf node_modules/node-linux-* node_modules/.bin/node
RUN mkdir -p layout/data

FROM gcr.io/distroless/nodejs24-debian13:nonroot
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="A GraphQL and gRPC gateway in front of large-language-model providers" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
# An empty folder `data` that the user 65532 (nonroot) owns; a new volume takes its owner from it.
COPY --from=production --chown=65532:65532 /app/layout/ /
COPY --from=production /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# What Node compiles at the first start is kept beside the data: the folder of the program cannot be written.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/data/compile-cache \
    HOST=0.0.0.0 \
    DATABASE_URL=sqlite:/data/sluice.db
USER 65532:65532
VOLUME /data
EXPOSE 8080 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --start-interval=1s --retries=3 \
  CMD ["/nodejs/bin/node", "dist/src/cli/health-check.js"]
ENTRYPOINT ["/nodejs/bin/node"]
CMD ["dist/src/main.js"]
