{{/* What every pod of a stage has alike. Called with (dict "root" $ "stage" name "own" values). */}}

{{- define "intent.name" -}}
{{- /* At most 52 characters; a long release's name is cut, as the stages must differ. */}}
{{- printf "%s-%s" (.root.Release.Name | trunc (int (sub 51 (len .stage))) | trimSuffix "-") .stage }}
{{- end }}

{{- define "intent.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .stage }}
{{- end }}

{{- define "intent.labels" -}}
{{ include "intent.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- /* Where an alert's runbook is: the monitoring's page, by the name that people have for it. */}}
{{- define "intent.runbooks" -}}
{{- $ingress := .Values.monitoring.ingress }}
{{- if .Values.prometheus.runbooks }}{{ .Values.prometheus.runbooks }}
{{- else if $ingress.enabled }}{{ ternary "https" "http" (not (empty $ingress.tlsSecret)) }}://{{ $ingress.host }}/static/alerts.html
{{- else }}http://{{ include "intent.name" (dict "root" $ "stage" "monitoring") }}.{{ .Release.Namespace }}:8002/static/alerts.html
{{- end }}
{{- end }}

{{- define "intent.image" -}}
{{ printf "%s/%s:%s" (required "set image.registry" .root.Values.image.registry) .own.image (.root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- end }}

{{- define "intent.env" -}}
{{- $values := .root.Values }}
- name: INTENT_KAFKA_BOOTSTRAP
  value: {{ required "set kafka.bootstrap" $values.kafka.bootstrap | quote }}
- name: INTENT_KAFKA_SECURITY_PROTOCOL
  value: {{ $values.kafka.securityProtocol }}
{{- if hasPrefix "SASL" $values.kafka.securityProtocol }}
- name: INTENT_KAFKA_SASL_MECHANISM
  value: {{ $values.kafka.saslMechanism }}
- name: INTENT_KAFKA_USERNAME
  valueFrom:
    secretKeyRef: {name: {{ .own.kafkaSecret }}, key: username}
- name: INTENT_KAFKA_PASSWORD_FILE
  value: /run/secrets/kafka/password
{{- end }}
{{- if $values.kafka.certificate }}
- name: INTENT_KAFKA_CERTIFICATE_FILE
  value: /run/secrets/kafka/tls.crt
- name: INTENT_KAFKA_KEY_FILE
  value: /run/secrets/kafka/tls.key
{{- end }}
{{- if $values.kafka.caSecret }}
- name: INTENT_KAFKA_CA_FILE
  value: /run/secrets/kafka-ca/ca.crt
{{- end }}
- name: INTENT_MLFLOW_URI
  value: {{ required "set mlflow.uri" $values.mlflow.uri | quote }}
{{- if $values.mlflow.secret }}
- name: INTENT_MLFLOW_USERNAME
  valueFrom:
    secretKeyRef: {name: {{ $values.mlflow.secret }}, key: username}
- name: INTENT_MLFLOW_PASSWORD_FILE
  value: /run/secrets/mlflow/password
{{- end }}
- name: INTENT_LISTEN_HOST
  value: 0.0.0.0
- name: INTENT_LISTEN_TOKEN_FILE
  value: /run/secrets/pages/token
- name: INTENT_DATA_DIR
  value: /var/lib/intent
- name: HOME
  value: /tmp
{{- $settings := dict }} {{- /* merge takes false and 0 for unset; a number as text may be 5e+06 */}}
{{- range list $values.settings .own.settings }}
{{- range $name, $value := . }}
{{- $_ := set $settings $name (kindIs "string" $value | ternary $value (toJson $value)) }}
{{- end }}
{{- end }}
{{- range $name, $value := $settings }}
- name: INTENT_{{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- with .own.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What a stage is given of its secret for Kafka as files. */}}
{{- define "intent.kafkaKeys" -}}
{{- $kafka := .root.Values.kafka }}
{{- $keys := list }}
{{- if hasPrefix "SASL" $kafka.securityProtocol }}{{ $keys = append $keys "password" }}{{ end }}
{{- if $kafka.certificate }}{{ $keys = concat $keys (list "tls.crt" "tls.key") }}{{ end }}
{{- join " " $keys }}
{{- end }}

{{- define "intent.mounts" -}}
{{- $values := .root.Values }}
- {name: data, mountPath: /var/lib/intent}
- {name: tmp, mountPath: /tmp}
- {name: pages, mountPath: /run/secrets/pages, readOnly: true}
{{- if include "intent.kafkaKeys" . }}
- {name: kafka, mountPath: /run/secrets/kafka, readOnly: true}
{{- end }}
{{- if $values.kafka.caSecret }}
- {name: kafka-ca, mountPath: /run/secrets/kafka-ca, readOnly: true}
{{- end }}
{{- if $values.mlflow.secret }}
- {name: mlflow, mountPath: /run/secrets/mlflow, readOnly: true}
{{- end }}
{{- with .own.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "intent.volumes" -}}
{{- $values := .root.Values }}
- name: tmp
  emptyDir: {sizeLimit: {{ .own.tmp }}}
- name: pages
  secret:
    secretName: {{ required "set pages.secret" $values.pages.secret }}
    items: [{key: token, path: token}]
{{- with include "intent.kafkaKeys" . }}
- name: kafka
  secret:
    secretName: {{ $.own.kafkaSecret }}
    items:
      {{- range splitList " " . }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}
{{- if $values.kafka.caSecret }}
- name: kafka-ca
  secret:
    secretName: {{ $values.kafka.caSecret }}
    items: [{key: ca.crt, path: ca.crt}]
{{- end }}
{{- if $values.mlflow.secret }}
- name: mlflow
  secret:
    secretName: {{ $values.mlflow.secret }}
    items: [{key: password, path: password}]
{{- end }}
{{- with .own.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "intent.pod" -}}
serviceAccountName: {{ .root.Release.Name }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .own.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .own.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "intent.container" -}}
name: {{ .stage }}
image: {{ include "intent.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources: {{ toJson .own.resources }}
{{- end }}

{{- define "intent.claim" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: data}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storage.className }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests: {storage: {{ .storage.size }}}
{{- end }}
