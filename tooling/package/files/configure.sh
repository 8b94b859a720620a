# Shared by the packages' scripts after installation: user, folders, and on a first installation config.json with its database.
ROOT=/opt/trueconf/calendar
CONFIG=$ROOT/etc/calendar/config.json

tcc_user_and_folders() {
    if command -v systemd-sysusers >/dev/null 2>&1; then
        systemd-sysusers trueconf-calendar.conf
    elif ! id trueconf-calendar >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --home-dir $ROOT/var/lib/calendar --shell /usr/sbin/nologin trueconf-calendar
    fi
    tcc_rights
}

tcc_rights() {
    systemd-tmpfiles --create trueconf-calendar.conf || true
}

# An existing config.json is never touched.
tcc_first_configuration() {
    [ ! -e "$CONFIG" ] || return 0
    case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in ru*) language=ru ;; *) language=en ;; esac
    (umask 0077; cp "$ROOT/share/calendar/config.first.$language.json" "$CONFIG.new")
    code=0
    "$ROOT/libexec/prepare-database" --config "$CONFIG.new" || code=$?
    mv "$CONFIG.new" "$CONFIG"
    tcc_rights
    tcc_say_$language "$code"
}

# What happened to the database (3: no PostgreSQL here), and what to do next.
tcc_say_en() {
    if [ "$1" = 3 ]; then
        echo "There is no PostgreSQL on this machine. Install it and run $ROOT/libexec/prepare-database --config $CONFIG," >&2
        echo "or name another server in dbConnectionConfig." >&2
    elif [ "$1" != 0 ]; then
        echo "PostgreSQL could not be prepared (above). Later: $ROOT/libexec/prepare-database --config $CONFIG" >&2
    fi
    echo "TrueConf Calendar Connector is installed, not started. Next: edit $CONFIG, then"
    echo "  $ROOT/bin/calendar/tc_calendar --register KEY"
    echo "  systemctl start trueconf-calendar.service"
}

tcc_say_ru() {
    if [ "$1" = 3 ]; then
        echo "На этой машине нет PostgreSQL. Установите его и выполните $ROOT/libexec/prepare-database --config $CONFIG" >&2
        echo "или укажите другой сервер в dbConnectionConfig." >&2
    elif [ "$1" != 0 ]; then
        echo "Подготовить PostgreSQL не удалось (см. выше). Позже: $ROOT/libexec/prepare-database --config $CONFIG" >&2
    fi
    echo "TrueConf Calendar Connector установлен, но не запущен. Дальше: заполните $CONFIG, затем"
    echo "  $ROOT/bin/calendar/tc_calendar --register КЛЮЧ"
    echo "  systemctl start trueconf-calendar.service"
}
