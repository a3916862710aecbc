"""Settings of the monitoring."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from contract.settings import Settings, env_variable, must_match

Address = Annotated[
    str, must_match(r"(https?://\S+)?", "an address that begins with http:// or https://, or empty")
]


class MonitoringSettings(Settings):
    """Settings of the monitoring."""

    monitoring_group: str = Field(
        "monitoring", description="Consumer group of monitoring.", min_length=1
    )
    monitoring_port: int = Field(
        8002, description="Port of monitoring's pages, /metrics and /healthz.", ge=1, le=65535
    )
    window_seconds: float = Field(
        60, description="Length (seconds of event time) of a window.", ge=0.1, le=86_400
    )
    window_min_rows: int = Field(
        200,
        description="Minimum number of rows for a window to get a report. A window with fewer is "
        "extended, up to INTENT_WINDOW_MAX_SECONDS.",
        ge=2,
    )
    window_max_seconds: float = Field(
        300,
        description="Maximum length (seconds) of a window that is extended because it has fewer "
        "rows than INTENT_WINDOW_MIN_ROWS. Values up to INTENT_WINDOW_SECONDS disable extension.",
        gt=0,
        le=86_400,
    )
    allowed_lateness: float = Field(
        5,
        description="Time (seconds of event time) that a window waits for late records before it "
        "closes.",
        ge=0,
    )
    progress_timeout: float = Field(
        60,
        description="Maximum time (seconds) that a partition may have unread records and deliver "
        "none. After it, the process ends; a restart continues.",
        ge=1,
    )
    idle_timeout: float = Field(
        5,
        description="Time (seconds) without any record after which event time follows the clock, "
        "so that open windows close.",
        gt=0,
    )
    prediction_timeout: float = Field(
        120,
        description="Time (seconds) that windows wait for predictions while only customers arrive.",
        gt=0,
    )
    open_transaction_timeout: float = Field(
        330,
        description="Time (seconds) that windows wait for a partition that an open transaction "
        "holds back. After it, they close without its records and name it.",
        ge=1,
    )
    max_future_seconds: float = Field(
        5,
        description="Records with an event time further ahead of the clock than this (seconds) are "
        "counted and not windowed.",
        ge=0,
    )
    sample_rows: int = Field(
        5_000,
        description="Maximum number of rows of a window that are kept with their values, as a "
        "uniform sample. Drift and reports are computed from it.",
        ge=2,
    )
    window_max_ids: int = Field(
        2_000_000,
        description="Maximum number of ids that an open window keeps. Beyond it, duplicates and "
        "joins are estimated.",
        ge=1_000,
    )
    pending_label_max_windows: int = Field(
        20,
        description="Number of closed windows that are kept for late outcomes, and how late (in "
        "windows of INTENT_WINDOW_SECONDS) a record may be to update its closed window.",
        ge=1,
    )
    pending_label_max_ids: int = Field(
        500_000,
        description="Maximum number of predictions that a closed window keeps for late outcomes.",
        ge=1_000,
    )
    pending_max_outcomes: int = Field(
        1_000_000,
        description="Maximum number of outcomes that wait for their window to close. Beyond it, "
        "the oldest are counted as unmatched.",
        ge=1,
    )
    report_retention_count: int = Field(
        30, description="Number of windows whose reports are kept on disk.", ge=1
    )
    reference_poll_interval: float = Field(
        30,
        description="Time (seconds) before the reference set of a version that could not be loaded "
        "is requested again.",
        gt=0,
    )
    drift_tolerance: float = Field(
        0.05,
        description="Largest difference from the reference that is not drift, in standard "
        "deviations of the reference.",
        ge=0,
    )
    drift_false_alarm_rate: float = Field(
        0.001,
        description="Maximum share of windows without drift that raise an alarm.",
        gt=0,
        lt=1,
    )
    scorer_group: str = Field(
        "scorer",
        description="Consumer group of the scorer, whose lag the page shows.",
        min_length=1,
    )
    test_records_enabled: bool = Field(
        True, description="Whether the page's form may publish test records."
    )
    test_record_timeout: float = Field(
        10,
        description="Time (seconds) that the page waits for the result of a test record.",
        gt=0,
        le=60,
    )
    mlflow_ui_url: Address = Field("", description="Address of MLflow's UI, for links.")
    prefect_ui_url: Address = Field("", description="Address of Prefect's UI, for links.")
    grafana_url: Address = Field(
        "", description="Address of Grafana, or of a dashboard, for a link."
    )

    @model_validator(mode="after")
    def _can_report(self) -> Self:
        for name in ("sample_rows", "pending_label_max_ids"):
            if getattr(self, name) < self.window_min_rows:
                raise ValueError(
                    f"INTENT_WINDOW_MIN_ROWS={self.window_min_rows} is above {env_variable(name)}="
                    f"{getattr(self, name)}, so no window would ever get a report: lower it"
                )
        return self
