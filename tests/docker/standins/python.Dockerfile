# Stands in for python:3.11-slim-bookworm: Debian's Python at the official image's place, and what
# the host's registries want of a client.
FROM intent-test/debian
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PIP_DEFAULT_TIMEOUT=180 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    UV_HTTP_TIMEOUT=180
RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \
    && ln -s /usr/bin/python3 /usr/local/bin/python \
    && ln -s /usr/bin/python3 /usr/local/bin/python3
