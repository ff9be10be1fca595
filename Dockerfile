FROM node:20-bookworm-slim AS page
WORKDIR /src/static
COPY static/package.json static/package-lock.json ./
RUN npm ci --no-fund --no-audit
COPY views/text /src/views/text
COPY static ./
RUN npm run --silent build

FROM golang:1.26-bookworm AS program
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=page /src/static/dist static/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /duplex ./web && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=program /duplex /duplex
COPY --from=program --chown=65532:65532 /data /data
USER 65532
VOLUME /data
ENV DUPLEX_DATA=/data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s CMD ["/duplex", "healthcheck"]
ENTRYPOINT ["/duplex"]
