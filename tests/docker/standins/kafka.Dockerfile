# Stands in for Redpanda: Apache Kafka under its command line, and what the stack asks of `rpk`.
FROM intent-test/python
ARG PACKAGES
RUN python3 -m pip install --no-cache-dir --quiet $PACKAGES \
    && groupadd --gid 101 redpanda \
    && useradd --uid 101 --gid 101 --no-create-home redpanda \
    && install --directory --owner 101 --group 101 /var/lib/redpanda/data
COPY jars /opt/kafka
COPY redpanda.py /usr/local/bin/redpanda.py
COPY rpk.py /usr/local/bin/rpk
USER 101
VOLUME /var/lib/redpanda/data
ENTRYPOINT ["python3", "/usr/local/bin/redpanda.py"]
