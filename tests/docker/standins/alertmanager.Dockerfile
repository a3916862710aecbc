# Stands in for prom/alertmanager: Debian's, as that image's user and at its places.
FROM intent-test/debian
RUN apt-get update --quiet \
    && apt-get install --quiet --yes --no-install-recommends prometheus-alertmanager wget \
    && ln -s /usr/bin/prometheus-alertmanager /usr/local/bin/alertmanager \
    && install --directory --owner 65534 --group 65534 /alertmanager
USER 65534
VOLUME /alertmanager
WORKDIR /alertmanager
