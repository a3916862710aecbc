# Stands in for postgres:17-alpine: Debian's, as that image's user and at its places.
FROM intent-test/debian
RUN apt-get update --quiet \
    && apt-get install --quiet --yes --no-install-recommends postgresql-15 \
    && groupadd --gid 70 owner \
    && useradd --uid 70 --gid 70 --no-create-home owner \
    && install --directory --owner 70 --group 70 /var/lib/postgresql/data \
    && install --directory --owner 70 --group 70 --mode 3777 /run/postgresql
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin \
    PGDATA=/var/lib/postgresql/data
COPY postgres /usr/local/bin/docker-entrypoint.sh
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
CMD ["postgres"]
