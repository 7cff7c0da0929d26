SELECT floor_at FROM notifier_begin
