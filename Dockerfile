# A static binary and the roots that the verifier needs to call real vendors: nothing else is in the image.
# GO_IMAGE and BASE_IMAGE can be a mirror's; BASE_IMAGE with a shell is for looking around.
ARG GO_IMAGE=golang:1.26-bookworm
ARG BASE_IMAGE=scratch

FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
# Without defaults, which would hide the values that BuildKit sets for the platform asked for.
ARG TARGETOS TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/sandbox ./cmd/sandbox
# Owned by the user below: a named volume mounted there takes over the owner.
RUN mkdir -p /out/data

FROM ${BASE_IMAGE}
ARG VERSION=dev
LABEL org.opencontainers.image.title="sandbox" \
      org.opencontainers.image.description="Faithful fakes of five vendor APIs, contract first" \
      org.opencontainers.image.source="https://github.com/mediasandbox/sandbox" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/LICENSE /LICENSE
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/sandbox /sandbox
USER 65532:65532
# Inside a container loopback reaches nobody; what is published is up to `docker run -p`.
ENV SANDBOX_LISTEN=0.0.0.0:7311
EXPOSE 7311
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --start-interval=1s --retries=3 CMD ["/sandbox", "healthcheck"]
ENTRYPOINT ["/sandbox"]
CMD ["serve"]
