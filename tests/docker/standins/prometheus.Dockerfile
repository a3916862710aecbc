# Stands in for prom/prometheus: Debian's, as that image's user and at its places.
FROM intent-test/debian
RUN apt-get update --quiet \
    && apt-get install --quiet --yes --no-install-recommends prometheus wget \
    && rm -rf /etc/prometheus \
    && install --directory --owner 65534 --group 65534 /prometheus /etc/prometheus
USER 65534
VOLUME /prometheus
WORKDIR /prometheus
