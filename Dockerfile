# Doorward and nothing else: one static binary in an empty image, for a user without rights. See examples/compose.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src

# The libraries alone, with an empty program: this layer is built anew when Cargo.toml or Cargo.lock changes.
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY benches/baseline benches/baseline
COPY scripts/build-static scripts/
RUN mkdir src && touch src/lib.rs && echo 'fn main() {}' > src/main.rs && scripts/build-static

# The program. Copied files keep their times, and Cargo would take them to be older than the empty ones.
COPY . .
RUN touch src/lib.rs src/main.rs && scripts/build-static \
    && mkdir /data && cp target/static/dist/doorward / && /doorward --version | grep '^doorward '


FROM scratch
LABEL org.opencontainers.image.title="Doorward" \
      org.opencontainers.image.description="A small auth server beside the reverse proxy you already have" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /doorward /usr/local/bin/

# `doorward.toml` is looked for here. SQLite and generated keys go to `data`: mount a volume there to keep them.
WORKDIR /doorward
COPY --from=build --chown=65532:65532 /data data
USER 65532:65532

# The pages. The internal listener is not named: `docker run -P` publishes all that is.
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=6s --start-period=30s CMD ["doorward", "healthcheck"]
ENV PATH=/usr/local/bin
ENTRYPOINT ["doorward"]
