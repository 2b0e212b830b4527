# One image for every node: SERVICES=orders,inventory picks what it runs, SERVICES=gateway the gateway.
# Node runs the TypeScript sources itself, so there is nothing to compile.

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/consul-discoverer/package.json packages/consul-discoverer/
COPY packages/durable-events/package.json packages/durable-events/
COPY packages/federation/package.json packages/federation/
COPY packages/nats-transporter/package.json packages/nats-transporter/
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production LOG_FORMAT=json DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json environment.ts config.ts moleculer.config.ts ./
COPY broker broker
COPY packages packages
COPY scripts scripts
COPY gateway gateway
COPY services services
USER node
VOLUME /data
EXPOSE 4000
# Node as PID 1 gets the signals itself: no shell, no npm in between.
CMD ["node", "--conditions=source", "scripts/node.ts"]
