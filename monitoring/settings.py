"""What the monitoring consumer is told from outside."""

from typing import Annotated

from pydantic import Field

from contract.settings import Settings, matching

Address = Annotated[
    str, matching(r"(https?://\S+)?", "an address that begins with http:// or https://, or empty")
]


class MonitoringSettings(Settings):
    """Settings of the monitoring consumer."""

    monitoring_group: str = Field(
        "monitoring", description="Consumer group of the monitoring.", min_length=1
    )
    monitoring_port: int = Field(
        8002, description="Port of the monitoring's page and /metrics.", ge=1, le=65535
    )
    window_seconds: float = Field(
        60, description="Length of a window in event time.", gt=0, le=86_400
    )
    window_min_rows: int = Field(
        200, description="Rows that a window needs to be compared with the reference.", ge=2
    )
    window_max_seconds: float = Field(
        300,
        description="Maximum length of a window that is extended because it has fewer rows than "
        "INTENT_WINDOW_MIN_ROWS. Up to INTENT_WINDOW_SECONDS, no window is extended.",
        gt=0,
        le=86_400,
    )
    allowed_lateness: float = Field(
        5, description="Seconds of event time that a window waits for late records.", ge=0
    )
    progress_timeout: float = Field(
        60,
        description="Seconds for which a partition may have records to read and deliver none; the "
        "process then ends itself, and a restart goes on.",
        ge=1,
    )
    idle_timeout: float = Field(
        5,
        description="Seconds without any record after which event time follows the clock, and open "
        "windows close at their end.",
        gt=0,
    )
    prediction_timeout: float = Field(
        120,
        description="Seconds that windows wait for predictions when customers come and they do "
        "not.",
        gt=0,
    )
    max_future_seconds: float = Field(
        5, description="Records further ahead of the clock than this are not windowed.", ge=0
    )
    sample_rows: int = Field(
        5_000, description="Rows of a window that are kept, as a uniform sample.", ge=2
    )
    window_max_ids: int = Field(
        2_000_000,
        description="Ids that an open window keeps; beyond them, duplicates are estimated.",
        ge=1_000,
    )
    pending_label_windows: int = Field(
        20, description="Closed windows whose outcomes are still waited for.", ge=1
    )
    pending_label_ids: int = Field(
        500_000, description="Predictions that a closed window keeps for its outcomes.", ge=1_000
    )
    pending_outcomes: int = Field(
        1_000_000, description="Outcomes that are kept until their window closes.", ge=1
    )
    report_retention_count: int = Field(
        30, description="Reports on disk; the oldest go first.", ge=1
    )
    reference_poll_interval: float = Field(
        30, description="Seconds between two looks at which version is champion.", gt=0
    )
    drift_tolerance: float = Field(
        0.05,
        description="Difference from the reference that nobody need hear of, in standard "
        "deviations.",
        ge=0,
    )
    drift_false_alarm_rate: float = Field(
        0.001, description="Share of windows without drift that may give an alarm.", gt=0, lt=1
    )
    scorer_group: str = Field(
        "scorer",
        description="Consumer group of the scorer, whose lag the page shows.",
        min_length=1,
    )
    test_records_enabled: bool = Field(
        True, description="Whether one record may be published from the page, to see its answer."
    )
    test_record_timeout: float = Field(
        10, description="Seconds in which the page waits for that record's answer.", gt=0, le=60
    )
    mlflow_ui_url: Address = Field("", description="Address of MLflow's own pages, for links.")
    prefect_ui_url: Address = Field("", description="Address of Prefect's own pages, for links.")
    grafana_url: Address = Field(
        "", description="Address of Grafana, or of a dashboard, for a link."
    )
