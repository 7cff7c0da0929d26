DELETE FROM notifier_begin
