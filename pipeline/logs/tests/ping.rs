//! Dialects of ping whose tools don't run here, as their sources print them, and what
//! their logs go through.

#![allow(clippy::unwrap_used)]

use vnicbench_logs::ping::Run;
use vnicbench_logs::{Document, Outcome, Sink, Tool, WarningKind, parse, parse_into, ping};

fn read(log: &[u8]) -> Document {
    let document = parse(log, None).unwrap();
    assert_eq!(document.account.total(), log.len() as u64);
    document
}

/// Cut anywhere a log has no other times and counts than the whole one.
fn cut(log: &[u8], whole: &Document) {
    let step = 1 + log.len() / 500;
    for length in (0..log.len()).step_by(step) {
        let part = log.get(..length).unwrap();
        let document = parse(part, Some(Tool::Ping)).unwrap();
        assert_eq!(document.account.total(), length as u64);
        for (run, whole) in document.ping_runs().iter().zip(whole.ping_runs()) {
            let shown = String::from_utf8_lossy(part);
            let mut times = &run.rtt_ms[..];
            if part.trim_ascii_end().ends_with(b" ms")
                && log[length..].trim_ascii_start().starts_with(b"(BAD")
            {
                times = &times[..times.len() - 1];
            }
            assert!(whole.rtt_ms.starts_with(times), "{shown}\n{document:?}");
            assert!(
                run.transmitted
                    .is_none_or(|sent| Some(sent) == whole.transmitted),
                "{shown}"
            );
            assert!(
                run.transmitted.is_none() || run.received == whole.received,
                "{shown}"
            );
            assert!(
                run.summary
                    .is_none_or(|summary| Some(summary) == whole.summary),
                "{shown}"
            );
        }
    }
}

#[track_caller]
fn one(log: impl AsRef<[u8]>, dialect: &str, outcome: Outcome) -> (Run, Vec<WarningKind>) {
    let document = read(log.as_ref());
    let shown = String::from_utf8_lossy(log.as_ref());
    assert_eq!(document.tool, Some(Tool::Ping), "{shown}");
    assert_eq!(document.dialect, dialect, "{shown}\n{document:?}");
    assert_eq!(document.outcome, outcome, "{shown}\n{document:?}");
    let [run] = document.ping_runs() else {
        panic!("{shown}\n{document:?}")
    };
    cut(log.as_ref(), &document);
    let kinds = document.warnings.iter().map(|warning| warning.kind);
    (run.clone(), kinds.collect())
}

fn counts(run: &Run) -> (Option<u64>, u64, u64, u64) {
    (run.transmitted, run.received, run.duplicates, run.errors)
}

/// Bytes of a code page, written as U+0080 to U+00FF.
fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect()
}

#[test]
fn iputils_in_other_languages() {
    let logs = [
        // German, French, Turkish, Ukrainian, Chinese, Japanese, Georgian.
        "PING a (10.0.0.2) 56(84) Bytes Daten.\n\
         64 Bytes von 10.0.0.2: icmp_seq=1 ttl=64 Zeit=0.045 ms\n\
         Keine Antwort bisher für icmp_seq=2\n\
         Von 10.0.0.1 icmp_seq=3 Zielhost nicht erreichbar\n\
         64 Bytes von 10.0.0.2: icmp_seq=2 ttl=64 Zeit=2000 ms\n\
         64 Bytes von 10.0.0.2: icmp_seq=2 ttl=64 Zeit=2001 ms (DUPLIKAT!)\n\n\
         --- a Ping-Statistiken ---\n\
         3 Pakete übertragen, 2 empfangen, +1 Duplikate, +1 Fehler, 33.3333% packet loss, Zeit 4009ms\n\
         rtt min/avg/max/mdev = 0.045/1333.700/2001.100/943.1 ms, pipe 2\n",
        "PING a (10.0.0.2) 56(84) octets de données.\n\
         64 octets de 10.0.0.2 : icmp_seq=1 ttl=64 temps=0.045 ms\n\
         encore aucune réponse pour icmp_seq=2\n\
         De 10.0.0.1 icmp_seq=3 Hôte de destination injoignable\n\
         64 octets de 10.0.0.2 : icmp_seq=2 ttl=64 temps=2000 ms\n\
         64 octets de 10.0.0.2 : icmp_seq=2 ttl=64 temps=2001 ms (DOUBLON !)\n\n\
         --- statistiques ping a ---\n\
         3 paquets transmis, 2 reçus, +1 doublons, +1 erreurs, 33,3333\u{a0}% paquets perdus, temps 4009 ms\n\
         rtt min/moy/max/mdev = 0,045/1333,700/2001,100/943,1 ms, pipe 2\n",
        "PING a (10.0.0.2) 56(84) bayt veri.\n\
         64 bayt veri 10.0.0.2'den: icmp_seq=1 ttl=64 zaman=0.045 ms\n\
         icmp_seq=2 için henüz cevap yok\n\
         10.0.0.1'den icmp_seq=3 Hedef Ana Makine Ulaşılamıyor\n\
         64 bayt veri 10.0.0.2'den: icmp_seq=2 ttl=64 zaman=2000 ms\n\
         64 bayt veri 10.0.0.2'den: icmp_seq=2 ttl=64 zaman=2001 ms (YİNELENEN!)\n\n\
         --- a ping istatistikleri ---\n\
         3 paket iletildi, 2 alındı, +1 yinelenen, +1 hata, %33.3333 paket kaybı, zaman 4009ms\n\
         rtt en düşük/ortalama/en yüksek/mdev = 0.045/1333.700/2001.100/943.1 ms, boru 2\n",
        "ПІНГ a (10.0.0.2) 56(84) байтів даних.\n\
         64 байтів від 10.0.0.2: icmp_seq=1 ttl=64 час=0.045 мс\n\
         відповідь для icmp_seq=2 ще не отримано\n\
         З 10.0.0.1 icmp_seq=3 Вузол призначення недоступний\n\
         64 байтів від 10.0.0.2: icmp_seq=2 ttl=64 час=2000 мс\n\
         64 байтів від 10.0.0.2: icmp_seq=2 ttl=64 час=2001 мс (ДУБЛЮВАННЯ!)\n\n\
         --- Статистика пінгування a ---\n\
         Надіслано 3 пакетів, отримано 2, +1 дублікатів, +1 помилок, втрачено 33.3333% пакетів, час 4009 мс\n\
         rtt мін/сер/макс/mdev = 0.045/1333.700/2001.100/943.1 мс, канал 2\n",
        "PING a (10.0.0.2) 56(84) 字节的数据。\n\
         64 字节，来自 10.0.0.2: icmp_seq=1 ttl=64 时间=0.045 毫秒\n\
         对于 icmp_seq=2 尚未得到回复\n\
         来自 10.0.0.1 icmp_seq=3 目标主机不可达\n\
         64 字节，来自 10.0.0.2: icmp_seq=2 ttl=64 时间=2000 毫秒\n\
         64 字节，来自 10.0.0.2: icmp_seq=2 ttl=64 时间=2001 毫秒 (重复!)\n\n\
         --- a ping 统计 ---\n\
         已发送 3 个包， 已接收 2 个包, +1 重复, +1 错误, 33.3333% 包丢失, 耗时 4009 毫秒\n\
         rtt min/avg/max/mdev = 0.045/1333.700/2001.100/943.1 ms, 管道 2\n",
        "PING a (10.0.0.2) 56(84) バイトのデータ\n\
         64 バイト応答 送信元 10.0.0.2: icmp_seq=1 ttl=64 時間=0.045ミリ秒\n\
         icmp_seq=2 の応答がまだありません\n\
         送信元 10.0.0.1 icmp_seq=3 送信先ホストに到達できません\n\
         64 バイト応答 送信元 10.0.0.2: icmp_seq=2 ttl=64 時間=2000ミリ秒\n\
         64 バイト応答 送信元 10.0.0.2: icmp_seq=2 ttl=64 時間=2001ミリ秒 (重複!)\n\n\
         --- a ping 統計 ---\n\
         送信パケット数 3, 受信パケット数 2, +1 重複, +1 エラー, パケット損失 33.3333%, 時間 4009ミリ秒\n\
         rtt 最小/平均/最大/mdev = 0.045/1333.700/2001.100/943.1ミリ秒, パイプ 2\n",
        "PING a (10.0.0.2) 56 (84) ბაიტი მონაცემები.\n\
         64 ბაიტი 10.0.0.2-დან: icmp_seq=1 ttl=64 დრო=0.045 მწმ\n\
         პასუხის გარეშე. icmp_seq=2\n\
         10.0.0.1-დან: icmp_seq=3 სამიზნე ჰოსტი ხელმიუწვდომელია\n\
         64 ბაიტი 10.0.0.2-დან: icmp_seq=2 ttl=64 დრო=2000 მწმ\n\
         64 ბაიტი 10.0.0.2-დან: icmp_seq=2 ttl=64 დრო=2001 მწმ (დუბლიკატი!)\n\n\
         --- a პინგის სტატისტიკა ---\n\
         3 გადაცემული პაკეტი, 2 მიღებული, +1 დუბლიკატი, +1 შეცდომა, 33.3333% დაკარგული, დრო 4009 მწმ\n\
         rtt min/avg/max/mdev = 0.045/1333.700/2001.100/943.1 მწმ, pipe 2\n",
    ];
    for log in logs {
        let (run, kinds) = one(log, "iputils", Outcome::Ok);
        assert_eq!(run.destination.as_deref(), Some("a"), "{log}");
        assert_eq!(counts(&run), (Some(3), 2, 1, 1), "{log}");
        assert_eq!(run.rtt_ms, [0.045, 2000.0], "{log}");
        assert_eq!(run.summary.unwrap().mdev_ms, Some(943.1), "{log}");
        assert_eq!(kinds, [WarningKind::Quantised], "{log}");
    }
}

#[test]
fn iputils_with_everything() {
    let (run, kinds) = one(
        "ping: Warning: source address might be selected on device other than: eth0\n\
         PATTERN: 0xff\n\
         PING a(fe80::2%eth0 (fe80::2)) from fe80::1 eth0: 56 data bytes\n\
         [1594978465.914536] 64 bytes from fe80::2%eth0 (fe80::2): icmp_seq=1 ttl=64 time=0.321 ms\n\
         [1594978466.914536] 64 bytes from fe80::2%eth0 (fe80::2): icmp_seq=2 ttl=64 time=12.3 ms (BAD CHECKSUM!)\n\
         [1594978466.914536] 64 bytes from fe80::3%eth0 (fe80::3): icmp_seq=2 ttl=64 time=0.321 ms (DIFFERENT ADDRESS!)\n\
         wrong data byte #16 should be 0x10 but was 0x0\n\
         #16\t0 0 12 13 \n\
         [1594978467.914536] 64 bytes from fe80::2%eth0 (fe80::2): icmp_seq=3 ttl=64 (truncated)\n\
         [1594978465.000000] From fe80::9 icmp_seq=4 Destination unreachable: Address unreachable\n\
         From 10.0.0.1: icmp_seq=5 Redirect Host(New nexthop: 10.0.0.3)\n\
         ping: sendmsg: No buffer space available\n\
         ping: local error: message too long, mtu=1500\n\
         ping: Warning: time of day goes back (-12us), taking countermeasures\n\n\
         --- a ping statistics ---\n\
         6 packets transmitted, 3 received, +1 corrupted, +2 errors, 50% packet loss, time 4009ms\n\
         rtt min/avg/max/mdev = 0.321/0.321/0.321/0.000 ms\n",
        "iputils",
        Outcome::Ok,
    );
    assert_eq!(run.destination.as_deref(), Some("a"));
    assert_eq!(counts(&run), (Some(6), 3, 0, 2));
    assert_eq!(run.rtt_ms, [0.321, 0.321]);
    assert_eq!(
        kinds,
        [
            WarningKind::Corrupted,
            WarningKind::Corrupted,
            WarningKind::ClockStep,
            WarningKind::ClockStep
        ]
    );
}

#[test]
fn old_linux() {
    // Debian's iputils of 2010 has icmp_req; netkit prints other words.
    let (run, kinds) = one(
        "PING a (10.0.0.2) 56(84) bytes of data.\n\
         64 bytes from a (10.0.0.2): icmp_req=1 ttl=64 time=0.026 ms\n\
         64 bytes from a (10.0.0.2): icmp_req=2 ttl=64 time=0.028 ms\n\
         ^C\n--- a ping statistics ---\n\
         2 packets transmitted, 2 received, 0% packet loss, time 999ms\n\
         rtt min/avg/max/mdev = 0.026/0.027/0.028/0.001 ms\n",
        "iputils",
        Outcome::Ok,
    );
    assert_eq!(
        (&run.rtt_ms[..], &run.sequence[..]),
        (&[0.026, 0.028][..], &[1, 2][..])
    );
    assert!(kinds.is_empty());
    let (run, _) = one(
        "PING a (10.0.0.2): 56 data bytes\n\
         64 bytes from 10.0.0.2: icmp_seq=0 ttl=64 time=0.4 ms\n\
         64 bytes from 10.0.0.2: icmp_seq=0 ttl=64 time=0.6 ms (DUP!)\n\n\
         --- a ping statistics ---\n\
         1 packets transmitted, 1 packets received, +1 duplicates, 0% packet loss\n\
         round-trip min/avg/max = 0.4/0.5/0.6 ms\n",
        "busybox",
        Outcome::Ok,
    );
    assert_eq!(counts(&run), (Some(1), 1, 1, 0));
}

#[test]
fn bsd_macos_and_solaris() {
    let (run, kinds) = one(
        "PING a (10.0.0.2): 56 data bytes\n\
         12:34:56.789012 64 bytes from 10.0.0.2: icmp_seq=0 ttl=64 time=0.400 ms\n\
         Request timeout for icmp_seq 1\n\
         ping: sendto: No route to host\n\
         92 bytes from 10.0.0.1: Destination Host Unreachable\n\
         Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst\n \
         4  5  00 5400 3b1d   0 0000  40  01 f5ab 10.0.0.9  10.0.0.2 \n\n\
         92 bytes from 10.0.0.1: Redirect Host(New addr: 10.0.0.3)\n\
         64 bytes from 10.0.0.2: icmp_seq=4 ttl=64 time=0.600 ms\n\
         64 bytes from 10.0.0.2: icmp_seq=4 ttl=64 time=0.700 ms\n\
         load: 1.2  cmd: ping 123 running 0.00u 0.00s\n\
         ^C\n--- a ping statistics ---\n\
         5 packets transmitted, 2 packets received, 60.0% packet loss\n\
         round-trip min/avg/max/stddev = 0.400/0.567/0.700/0.125 ms\n",
        "bsd",
        Outcome::Ok,
    );
    assert_eq!(counts(&run), (Some(5), 2, 0, 2));
    assert_eq!(run.rtt_ms, [0.4, 0.6, 0.7]);
    assert_eq!(kinds, [WarningKind::Duplicate]);
    let (run, _) = one(
        "PING a (10.0.0.2): 56 data bytes\n\n--- a ping statistics ---\n\
         5 packets transmitted, 0 packets received, 100.0% packet loss\n\
         round-trip min/avg/max/stddev = nan/nan/nan/nan ms\n",
        "bsd",
        Outcome::Ok,
    );
    assert_eq!(run.summary, None);
    // The country's own decimal point.
    let (run, _) = one(
        "PING a (10.0.0.2): 56 data bytes\n\
         64 bytes from 10.0.0.2: icmp_seq=0 ttl=64 time=0,400 ms\n\n--- a ping statistics ---\n\
         1 packets transmitted, 1 packets received, 0,0% packet loss\n\
         round-trip min/avg/max/stddev = 0,400/0,400/0,400/0,000 ms\n",
        "bsd",
        Outcome::Ok,
    );
    assert_eq!(run.rtt_ms, [0.4]);
    let (run, _) = one(
        "PING a: 56 data bytes\n\
         64 bytes from a (10.0.0.2): icmp_seq=0. time=0.706 ms\n\
         64 bytes from a (10.0.0.2): icmp_seq=1. time=1. ms\n\
         ^C\n----a PING Statistics----\n\
         2 packets transmitted, 2 packets received, 0% packet loss\n\
         round-trip (ms)  min/avg/max/stddev = 0.706/0.853/1.000/0.147\n",
        "solaris",
        Outcome::Ok,
    );
    assert_eq!(
        (run.destination.as_deref(), &run.rtt_ms[..]),
        (Some("a"), &[0.706, 1.0][..])
    );
    assert_eq!(run.summary.unwrap().mdev_ms, Some(0.147));
}

#[test]
fn toybox_rounds_to_ms() {
    let (run, kinds) = one(
        "Ping a (10.0.0.2): 56(84) bytes.\n\
         64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=3 ms\n\n\
         --- 10.0.0.2 ping statistics ---\n\
         1 packets transmitted, 1 received, 0% packet loss\n\
         round-trip min/avg/max = 3/3/3 ms\n",
        "toybox",
        Outcome::Ok,
    );
    assert_eq!(run.rtt_ms, [3.0]);
    assert_eq!(kinds, [WarningKind::Quantised]);
}

/// A run of Windows: greeting with `@` for the host, reply with `@` for its end, time-out,
/// error, heading, counts, heading, times.
fn windows(parts: [&str; 8]) -> String {
    let [hello, reply, late, error, heading, counts, second, times] = parts;
    format!(
        "\r\n{}\r\n{}\r\n{late}\r\n{}\r\n{error}\r\n\r\n{heading}\r\n    {counts}\r\n{second}\r\n    {times}\r\n",
        hello.replace('@', "a.b [10.0.0.2]"),
        reply.replace('@', "=12"),
        reply.replace('@', "<1"),
    )
}

#[test]
fn windows_in_every_language() {
    let logs = [
        // Russian, Polish, Spanish, Italian, Portuguese, Turkish, Japanese, Chinese (both),
        // Dutch, Czech, Hungarian, Greek.
        windows([
            "Обмен пакетами с @ с 32 байтами данных:",
            "Ответ от 10.0.0.2: число байт=32 время@мс TTL=117",
            "Превышен интервал ожидания для запроса.",
            "Ответ от 10.0.0.1: Заданный узел недоступен.",
            "Статистика Ping для 10.0.0.2:",
            "Пакетов: отправлено = 4, получено = 3, потеряно = 1\r\n    (25% потерь)",
            "Приблизительное время приема-передачи в мс:",
            "Минимальное = 0мсек, Максимальное = 12 мсек, Среднее = 6 мсек",
        ]),
        windows([
            "Badanie @ z 32 bajtami danych:",
            "Odpowiedź z 10.0.0.2: bajtów=32 czas@ms TTL=117",
            "Upłynął limit czasu żądania.",
            "Odpowiedź z 10.0.0.1: Host docelowy jest nieosiągalny.",
            "Statystyka badania ping dla 10.0.0.2:",
            "Pakiety: Wysłane = 4, Odebrane = 3, Utracone = 1\r\n             (25% straty),",
            "Szacunkowy czas błądzenia pakietów w millisekundach:",
            "Minimum = 0 ms, Maksimum = 12 ms, Czas średni = 6 ms",
        ]),
        windows([
            "Haciendo ping a @ con 32 bytes de datos:",
            "Respuesta desde 10.0.0.2: bytes=32 tiempo@ms TTL=117",
            "Tiempo de espera agotado para esta solicitud.",
            "Respuesta desde 10.0.0.1: Host de destino inaccesible.",
            "Estadísticas de ping para 10.0.0.2:",
            "Paquetes: enviados = 4, recibidos = 3, perdidos = 1\r\n    (25% perdidos),",
            "Tiempos aproximados de ida y vuelta en milisegundos:",
            "Mínimo = 0ms, Máximo = 12ms, Media = 6ms",
        ]),
        windows([
            "Esecuzione di Ping @ con 32 byte di dati:",
            "Risposta da 10.0.0.2: byte=32 durata@ms TTL=117",
            "Richiesta scaduta.",
            "Risposta da 10.0.0.1: Host di destinazione non raggiungibile.",
            "Statistiche Ping per 10.0.0.2:",
            "Pacchetti: Trasmessi = 4, Ricevuti = 3,\r\n    Persi = 1 (25% persi),",
            "Tempo approssimativo percorsi andata/ritorno in millisecondi:",
            "Minimo = 0ms, Massimo =  12ms, Medio =  6ms",
        ]),
        windows([
            "Disparando @ com 32 bytes de dados:",
            "Resposta de 10.0.0.2: bytes=32 tempo@ms TTL=117",
            "Esgotado o tempo limite do pedido.",
            "Resposta de 10.0.0.1: Host de destino inacessível.",
            "Estatísticas do Ping para 10.0.0.2:",
            "Pacotes: Enviados = 4, Recebidos = 3, Perdidos = 1 (25% de\r\n             perda),",
            "Aproximar um número redondo de vezes em milissegundos:",
            "Mínimo = 0ms, Máximo = 12ms, Média = 6ms",
        ]),
        windows([
            "@ 32 bayt veri ile yoklanıyor:",
            "10.0.0.2 cevabı: bayt=32 süre@ms TTL=117",
            "İstek zaman aşımına uğradı.",
            "10.0.0.1 cevabı: Hedef ana bilgisayara ulaşılamıyor.",
            "10.0.0.2 için Ping istatistiği:",
            "Paket: Giden = 4, Gelen = 3, Kaybolan = 1 (%25 kayıp),",
            "Mili saniye türünden yaklaşık tur süreleri:",
            "En Az = 0ms, En Çok = 12ms, Ortalama = 6ms",
        ]),
        windows([
            "@に ping を送信しています 32 バイトのデータ:",
            "10.0.0.2 からの応答: バイト数 =32 時間 @ms TTL=117",
            "要求がタイムアウトしました。",
            "10.0.0.1 からの応答: 宛先ホストに到達できません。",
            "10.0.0.2 の ping 統計:",
            "パケット数: 送信 = 4、受信 = 3、損失 = 1 (25% の損失)、",
            "ラウンド トリップの概算時間 (ミリ秒):",
            "最小 = 0ms、最大 = 12ms、平均 = 6ms",
        ]),
        windows([
            "正在 Ping @ 具有 32 字节的数据:",
            "来自 10.0.0.2 的回复: 字节=32 时间@ms TTL=117",
            "请求超时。",
            "来自 10.0.0.1 的回复: 无法访问目标主机。",
            "10.0.0.2 的 Ping 统计信息:",
            "数据包: 已发送 = 4，已接收 = 3，丢失 = 1 (25% 丢失)，",
            "往返行程的估计时间(以毫秒为单位):",
            "最短 = 0ms，最长 = 12ms，平均 = 6ms",
        ]),
        windows([
            "Ping @ (使用 32 位元組的資料):",
            "回覆自 10.0.0.2: 位元組=32 時間@ms TTL=117",
            "要求等候逾時。",
            "回覆自 10.0.0.1: 目的地主機無法連線。",
            "10.0.0.2 的 Ping 統計資料:",
            "封包: 已傳送 = 4，已收到 = 3, 已遺失 = 1 (25% 遺失)，",
            "大約的來回時間 (毫秒):",
            "最小值 = 0ms，最大值 = 12ms，平均 = 6ms",
        ]),
        windows([
            "Pingen naar @ met 32 bytes aan gegevens:",
            "Antwoord van 10.0.0.2: bytes=32 tijd@ms TTL=117",
            "Time-out bij opdracht.",
            "Antwoord van 10.0.0.1: Doelhost is niet bereikbaar.",
            "Ping-statistieken voor 10.0.0.2:",
            "Pakketten: verzonden = 4, ontvangen = 3, verloren = 1\r\n    (25% verlies).",
            "De gemiddelde tijd voor het uitvoeren van één bewerking in milliseconden:",
            "Minimum = 0ms, Maximum = 12ms, Gemiddelde = 6ms",
        ]),
        windows([
            "Příkaz PING na @ - 32 bajtů dat:",
            "Odpověď od 10.0.0.2: bajty=32 čas@ms TTL=117",
            "Vypršel časový limit žádosti.",
            "Odpověď od 10.0.0.1: Cílový hostitel není dostupný.",
            "Statistika ping pro 10.0.0.2:",
            "Pakety: Odeslané = 4, Přijaté = 3, Ztracené = 1 (ztráta 25%),",
            "Přibližná doba do přijetí odezvy v milisekundách:",
            "Minimum = 0ms, Maximum = 12ms, Průměr = 6ms",
        ]),
        windows([
            "@ pingelése - 32 bájtnyi adattal:",
            "Válasz 10.0.0.2: bájt=32 idő@ ms TTL=117",
            "A kérésre nem érkezett válasz a határidőn belül.",
            "Válasz 10.0.0.1: A célállomás nem érhető el.",
            "10.0.0.2 ping-statisztikája:",
            "Csomagok: küldött = 4, fogadott = 3, elveszett = 1\r\n    (25% veszteség),",
            "Oda-vissza út ideje közelítőlegesen, milliszekundumban:",
            "minimum = 0ms, maximum = 12ms, átlag = 6ms",
        ]),
        windows([
            "Γίνεται Ping στο @ με 32 bytes δεδομένων:",
            "Απάντηση από: 10.0.0.2: bytes=32 χρόνος@ms TTL=117",
            "Λήξη χρονικού ορίου αίτησης.",
            "Απάντηση από: 10.0.0.1: Δεν ήταν δυνατή η πρόσβαση.",
            "Στατιστικά στοιχεία Ping για 10.0.0.2:",
            "Πακέτα: Απεσταλμένα = 4, Ληφθέντα = 3, Απολεσθέντα = 1 (απώλεια 25%),",
            "Πλήρης χρόνος αποστολής και επιστροφής κατά προσέγγιση σε χιλιοστά δευτερολέπτου:",
            "Ελάχιστος = 0ms, Μέγιστος = 12ms, Μέσος όρος = 6ms",
        ]),
    ];
    for log in &logs {
        let wide: Vec<u8> = format!("\u{feff}{log}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for log in [log.as_bytes(), &wide] {
            let (run, kinds) = one(log, "windows", Outcome::Ok);
            let shown = String::from_utf8_lossy(log);
            assert_eq!(run.destination.as_deref(), Some("a.b"), "{shown}");
            assert_eq!(
                (run.transmitted, run.received, run.errors),
                (Some(4), 3, 1),
                "{shown}"
            );
            assert_eq!(
                (&run.rtt_ms[..], &run.censored[..]),
                (&[12.0, 1.0][..], &[1][..])
            );
            let summary = run.summary.unwrap();
            assert_eq!(
                (summary.min_ms, summary.avg_ms, summary.max_ms),
                (0.0, 6.0, 12.0),
                "{shown}"
            );
            assert_eq!(
                kinds,
                [WarningKind::Censored, WarningKind::Quantised],
                "{shown}"
            );
        }
    }
}

#[test]
fn windows_in_code_pages() {
    // German in 850, Russian in 866, Korean in 949, Japanese in 932.
    let logs = [
        "\r\nPing wird ausgef\u{81}hrt f\u{81}r a.b [10.0.0.2] mit 32 Bytes Daten:\r\n\
         Antwort von 10.0.0.2: Bytes=32 Zeit=12ms TTL=117\r\n\
         Zeit\u{81}berschreitung der Anforderung.\r\n\r\n\
         Ping-Statistik f\u{81}r 10.0.0.2:\r\n    Pakete: Gesendet = 2, Empfangen = 1, Verloren = 1\r\n    (50% Verlust),\r\n\
         Ca. Zeitangaben in Millisek.:\r\n    Minimum = 12ms, Maximum = 12ms, Mittelwert = 12ms\r\n",
        "\r\n\u{8e}\u{a1}\u{ac}\u{a5}\u{ad} \u{af}\u{a0}\u{aa}\u{a5}\u{e2}\u{a0}\u{ac}\u{a8} \u{e1} a.b [10.0.0.2] \u{e1} 32 \u{a1}\u{a0}\u{a9}\u{e2}\u{a0}\u{ac}\u{a8} \u{a4}\u{a0}\u{ad}\u{ad}\u{eb}\u{e5}:\r\n\
         \u{8e}\u{e2}\u{a2}\u{a5}\u{e2} \u{ae}\u{e2} 10.0.0.2: \u{e7}\u{a8}\u{e1}\u{ab}\u{ae} \u{a1}\u{a0}\u{a9}\u{e2}=32 \u{a2}\u{e0}\u{a5}\u{ac}\u{ef}=12\u{ac}\u{e1} TTL=117\r\n\
         \u{8f}\u{e0}\u{a5}\u{a2}\u{eb}\u{e8}\u{a5}\u{ad}.\r\n\r\n\
         \u{91}\u{e2}\u{a0}\u{e2} Ping \u{a4}\u{ab}\u{ef} 10.0.0.2:\r\n    \u{8f}\u{a0}\u{aa}: \u{ae}\u{e2} = 2, \u{af}\u{ae} = 1, \u{af}\u{ae} = 1\r\n    (50% \u{af}\u{ae})\r\n\
         \u{8f}\u{e0}\u{a8} \u{ac}\u{e1}:\r\n    \u{8c}\u{a8}\u{ad} = 12\u{ac}\u{e1}\u{a5}\u{aa}, \u{8c}\u{a0} = 12 \u{ac}\u{e1}\u{a5}\u{aa}, \u{91}\u{e0} = 12 \u{ac}\u{e1}\u{a5}\u{aa}\r\n",
        "\r\nPing a.b [10.0.0.2] 32\u{b9}\u{d9}\u{c0}\u{cc}\u{c6}\u{ae} \u{b5}\u{a5}\u{c0}\u{cc}\u{c5}\u{cd} \u{bb}\u{e7}\u{bf}\u{eb}:\r\n\
         10.0.0.2\u{c0}\u{c7} \u{c0}\u{c0}\u{b4}\u{e4}: \u{b9}\u{d9}\u{c0}\u{cc}\u{c6}\u{ae}=32 \u{bd}\u{c3}\u{b0}\u{a3}=12ms TTL=117\r\n\
         \u{bf}\u{e4}\u{c3}\u{bb} \u{bd}\u{c3}\u{b0}\u{a3}\u{c0}\u{cc} \u{b8}\u{b8}\u{b7}\u{e1}.\r\n\r\n\
         10.0.0.2\u{bf}\u{a1} Ping \u{c5}\u{eb}\u{b0}\u{e8}:\r\n    \u{c6}\u{d0}: \u{ba}\u{b8} = 2, \u{b9}\u{de} = 1, \u{bc}\u{d5} = 1 (50% \u{bc}\u{d5}),\r\n\
         \u{bf}\u{d5}(\u{b9}\u{d0}):\r\n    \u{c3}\u{d6} = 12ms, \u{c3}\u{d6} = 12ms, \u{c6}\u{f2} = 12ms\r\n",
        "\r\na.b [10.0.0.2]\u{82}\u{c9} ping \u{82}\u{f0}\u{91}\u{97} 32 \u{83}\u{6f}\u{83}\u{43}\u{83}\u{67}:\r\n\
         10.0.0.2 \u{82}\u{a9}\u{82}\u{e7}: \u{83}\u{6f}\u{83}\u{43} =32 \u{8e}\u{9e}\u{8a}\u{d4} =12ms TTL=117\r\n\
         \u{97}\u{76}\u{8b}\u{81}\u{81}\u{42}\r\n\r\n\
         10.0.0.2 \u{82}\u{cc} ping \u{93}\u{9d}\u{8c}\u{76}:\r\n    \u{83}\u{70}: \u{91}\u{97}\u{90}\u{4d} = 2\u{81}\u{41}\u{8e}\u{f3}\u{90}\u{4d} = 1\u{81}\u{41}\u{91}\u{b9} = 1 (50% \u{82}\u{cc})\u{81}\u{41}\r\n\
         \u{83}\u{89} (\u{83}\u{7e}):\r\n    \u{8d}\u{c5}\u{8f}\u{ac} = 12ms\u{81}\u{41}\u{8d}\u{c5} = 12ms\u{81}\u{41}\u{95}\u{bd} = 12ms\r\n",
    ];
    for log in logs {
        let (run, kinds) = one(bytes(log), "windows", Outcome::Ok);
        assert_eq!(run.destination.as_deref(), Some("a.b"), "{log}");
        assert_eq!(counts(&run), (Some(2), 1, 0, 0), "{log}");
        assert_eq!(run.rtt_ms, [12.0], "{log}");
        assert_eq!(run.summary.unwrap().avg_ms, 12.0, "{log}");
        assert_eq!(kinds, [WarningKind::Quantised], "{log}");
    }
}

#[test]
fn windows_over_ipv6_and_with_failures() {
    let (run, _) = one(
        "\r\nPinging ::1 with 32 bytes of data:\r\nReply from ::1: time<1ms \r\n\
         Reply from ::1: time=3ms \r\nPING: transmit failed. General failure. \r\nGeneral failure.\r\n\r\n\
         Ping statistics for ::1:\r\n    Packets: Sent = 4, Received = 2, Lost = 2 (50% loss),\r\n\
         Approximate round trip times in milli-seconds:\r\n    Minimum = 0ms, Maximum = 3ms, Average = 1ms\r\n",
        "windows",
        Outcome::Ok,
    );
    assert_eq!((run.transmitted, run.received), (Some(4), 2));
    assert_eq!(
        (run.destination.as_deref(), &run.rtt_ms[..]),
        (Some("::1"), &[1.0, 3.0][..])
    );
    for log in [
        "Ping request could not find host x. Please check the name and try again.\r\n",
        "Ping-Anforderung konnte Host \"x\" nicht finden. Überprüfen Sie den Namen.\r\n",
        "ping: unknown host x\n",
        "connect: Network is unreachable\n",
        "ping: cannot resolve x: Unknown host\n",
        "bash: ping: command not found\n",
        "PING x (10.0.0.2): 56 data bytes\nping: permission denied (are you root?)\n",
        "Bad option -d.\r\n\r\nUsage: ping [-t] [-a] [-n count] [-l size]\r\n",
        "ping: -i interval too short: Operation not permitted\n",
    ] {
        let document = read(log.as_bytes());
        assert_eq!(document.outcome, Outcome::Failed, "{log}{document:?}");
        assert!(document.runs.is_empty(), "{log}");
    }
}

#[test]
fn prefixes_of_other_tools_prompts_and_joined_lines() {
    let (run, kinds) = one(
        "user@host:~$ ping 10.0.0.2\n\
         PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n\
         2024-01-01 12:00:00 64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.1 ms\n\
         Jan 01 12:00:01 64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=0.2 ms\n\
         64 bytes from 10.0.0.2: icmp_seq=3 ttl=64 ti64 bytes from 10.0.0.2: icmp_seq=4 ttl=64 time=0.4 ms\n\
         64 bytes from 10.0.0.2: icmp_seq=5 ttl=64 time=0.5 ms--- 10.0.0.2 ping statistics ---\n",
        "iputils",
        Outcome::Partial,
    );
    assert_eq!(run.rtt_ms, [0.1, 0.2, 0.4, 0.5]);
    assert_eq!(
        kinds,
        [
            WarningKind::Noise,
            WarningKind::Malformed,
            WarningKind::JoinedLines,
            WarningKind::JoinedLines,
            WarningKind::CutFile
        ]
    );
}

#[test]
fn hostile_lines_are_read_in_bounded_time_and_stack() {
    for piece in [
        "^C",
        "^C.",
        ".\u{8}",
        "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.1 ms",
        "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 ti",
        "PING a (10.0.0.2) 56(84) bytes of data.",
        "--- a ping statistics ---1",
        "1 packets transmitted, 1 received, 0% packet loss rtt min/avg/max = ",
        "=1ms ",
        "seq=1 ",
        " : ",
        "(",
    ] {
        let log = piece.repeat(100_000 / piece.len());
        let document = parse(log.as_bytes(), Some(Tool::Ping)).unwrap();
        assert_eq!(document.account.total(), log.len() as u64);
    }
}

#[test]
fn a_log_whose_line_ends_were_lost() {
    let (run, kinds) = one(
        "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.--- 10.0.0.2 ping statistics ---\
         3 packets transmitted, 3 received, 0% packet loss, time 2001ms\
         rtt min/avg/max/mdev = 0.1/0.2/0.3/0.1 ms\n",
        "iputils",
        Outcome::Ok,
    );
    assert_eq!(counts(&run), (Some(3), 3, 0, 0));
    assert_eq!(run.summary.unwrap().max_ms, 0.3);
    assert_eq!(kinds, [WarningKind::JoinedLines; 3]);
}

#[test]
fn late_answers_and_the_counter_that_wraps() {
    let (run, kinds) = one(
        "PING a (10.0.0.2) 56(84) bytes of data.\n\
         64 bytes from 10.0.0.2: icmp_seq=65534 ttl=64 time=0.1 ms\n\
         no answer yet for icmp_seq=65535\n\
         64 bytes from 10.0.0.2: icmp_seq=0 ttl=64 time=0.1 ms\n\
         64 bytes from 10.0.0.2: icmp_seq=65535 ttl=64 time=1.50 ms\n\
         64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.1 ms\n\
         64 bytes from 10.0.0.2: icmp_seq=0 ttl=64 time=0.1 ms\n",
        "iputils",
        Outcome::Partial,
    );
    assert_eq!(counts(&run), (None, 4, 1, 0));
    assert_eq!(
        kinds,
        [
            WarningKind::WrappedSequence,
            WarningKind::Reordered,
            WarningKind::Duplicate,
            WarningKind::CutFile
        ]
    );
}

#[test]
fn every_number_of_a_summary_is_recomputed() {
    let log = |summary: &str| {
        format!(
            "PING a (10.0.0.2) 56(84) bytes of data.\n\
             64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.100 ms\n\
             64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=0.200 ms\n\
             64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=0.400 ms (DUP!)\n\
             --- a ping statistics ---\n{summary} ms\n"
        )
    };
    let right = "2 packets transmitted, 2 received, +1 duplicates, 0% packet loss, time 1ms\n\
                 rtt min/avg/max/mdev = 0.100/0.233/0.400/0.124";
    assert_eq!(one(log(right), "iputils", Outcome::Ok).1, []);
    for (from, to) in [
        ("= 0.100", "= 0.103"),
        ("0.233", "0.236"),
        ("0.400/", "0.397/"),
        ("0.124", "0.134"),
        ("2 received", "1 received"),
    ] {
        let wrong = log(&right.replace(from, to));
        let (_, kinds) = one(&wrong, "iputils", Outcome::Ok);
        assert_eq!(kinds, [WarningKind::SummaryDisagrees], "{wrong}");
    }
}

/// Takes all that it is offered.
#[derive(Default)]
struct Taker {
    times: Vec<f64>,
    most: usize,
}

impl Sink for Taker {
    fn ping(&mut self, _: usize, so_far: &mut ping::Run) {
        self.most = self.most.max(so_far.rtt_ms.len());
        self.times.append(&mut so_far.rtt_ms);
        so_far.lines.clear();
        so_far.sequence.clear();
    }
}

#[test]
fn records_can_be_taken_while_the_log_is_read() {
    let mut log = "PING a (10.0.0.2) 56(84) bytes of data.\n".to_owned();
    for sequence in 1..=200_000u32 {
        let sequence = sequence % 65536;
        log += &format!("64 bytes from 10.0.0.2: icmp_seq={sequence} ttl=64 time=0.100 ms\n");
    }
    log += "\n--- a ping statistics ---\n\
            200000 packets transmitted, 200000 received, 0% packet loss, time 1ms\n\
            rtt min/avg/max/mdev = 0.100/0.100/0.100/0.000 ms\n";
    let mut taker = Taker::default();
    let document = parse_into(&mut log.as_bytes(), None, &mut taker).unwrap();
    assert_eq!(taker.times.len(), 200_000);
    assert!(taker.most <= 65536);
    let [run] = document.ping_runs() else {
        panic!()
    };
    assert!(run.rtt_ms.is_empty());
    assert_eq!(run.received, 200_000);
    let kinds: Vec<_> = document
        .warnings
        .iter()
        .map(|warning| warning.kind)
        .collect();
    assert_eq!(
        kinds,
        [WarningKind::WrappedSequence; 3],
        "{:?}",
        document.warnings
    );
}

/// A log of PowerShell's has no summary; cut, it has fewer requests and the same times.
#[track_caller]
fn powershell(log: &str, outcome: Outcome) -> Vec<Run> {
    let document = read(log.as_bytes());
    assert_eq!(document.tool, Some(Tool::Ping), "{log}");
    assert_eq!(document.dialect, "powershell", "{log}");
    assert_eq!(document.outcome, outcome, "{document:?}");
    let whole = document.ping_runs();
    for length in 0..log.len() {
        let part = parse(&log.as_bytes()[..length], Some(Tool::Ping)).unwrap();
        assert_eq!(part.account.total(), length as u64);
        for (run, whole) in part.ping_runs().iter().zip(whole) {
            assert!(whole.rtt_ms.starts_with(&run.rtt_ms), "{part:?}");
            assert!(run.transmitted <= whole.transmitted, "{part:?}");
        }
    }
    whole.to_vec()
}

#[test]
fn powershell_5() {
    let log = "\r\n\
        Source        Destination     IPV4Address      IPV6Address                              Bytes    Time(ms) \r\n\
        ------        -----------     -----------      -----------                              -----    -------- \r\n\
        HOST-1F...    a.example       10.0.0.1                                                  32       82       \r\n\
        HOST-1F...    a.example       10.0.0.1         fe80::1                                  32       0        \r\n\
        HOST-1F...    b.example                        fe80::2%11                               32       3        \r\n\
        Test-Connection : Testing connection to computer 'b.example' failed: Error due to lack of resources\r\n\
        HOST-1F...    a.example       10.0.0.1                                                  32       63       \r\n\r\n";
    let [a, b] = &powershell(log, Outcome::Ok)[..] else {
        panic!()
    };
    assert_eq!(a.destination.as_deref(), Some("a.example"));
    assert_eq!(
        (counts(a), &a.rtt_ms[..]),
        ((None, 3, 0, 0), &[82.0, 0.0, 63.0][..])
    );
    assert_eq!(a.lines, [4, 5, 8]);
    assert_eq!((counts(b), &b.rtt_ms[..]), ((None, 1, 0, 1), &[3.0][..]));
    // As `>` writes it.
    let wide: Vec<u8> = "\u{feff}"
        .chars()
        .chain(log.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read(&wide).ping_runs()[0].rtt_ms, a.rtt_ms);

    let log = "Test-Connection : Testing connection to computer 'none' failed: No such host is known\n\
        At line:1 char:1\n+ Test-Connection none\n+ ~~~~~~~~~~~~~~~~~~~~\n";
    assert!(powershell_failed(log).ping_runs().is_empty());
}

fn powershell_failed(log: &str) -> Document {
    let document = read(log.as_bytes());
    assert_eq!(document.tool, Some(Tool::Ping));
    assert_eq!(document.outcome, Outcome::Failed, "{document:?}");
    document
}

#[test]
fn powershell_7() {
    let log = "\n   Destination: a.example\n\n\
        Ping Source           Address                   Latency BufferSize Status\n\
        \x20                                                  (ms)        (B)\n\
        ---- ------           -------                   ------- ---------- ------\n\
        \x20  1 Someones-MacBo\u{2026} 10.0.0.1                       24         32 Success\n\
        \x20  2 Someones-MacBo\u{2026} *                               *          * TimedOut\n\
        \x20  3 Someones-MacBo\u{2026} 10.0.0.9                        *          * DestinationHostUnre\u{2026}\n\
        \n   Destination: 10.0.0.2\n\n\
        Ping Source           Address                   Latency BufferSize Status\n\
        \x20                                                  (ms)        (B)\n\
        ---- ------           -------                   ------- ---------- ------\n\
        \x20  1 HOST             2001:db8:1234:1234:1234:…       0         32 Success\n\
        \n   Destination: a.example\n\n\
        \x20  1 Someones-MacBo\u{2026} 10.0.0.1                       39         32 Success\n\n";
    let [a, b] = &powershell(log, Outcome::Ok)[..] else {
        panic!()
    };
    assert_eq!(a.destination.as_deref(), Some("a.example"));
    assert_eq!(
        (counts(a), &a.rtt_ms[..]),
        ((Some(4), 2, 0, 1), &[24.0, 39.0][..])
    );
    assert_eq!(b.destination.as_deref(), Some("10.0.0.2"));
    assert_eq!((counts(b), &b.rtt_ms[..]), ((Some(1), 1, 0, 0), &[0.0][..]));

    powershell_failed(
        "Test-Connection: Testing connection to computer 'none' failed: Cannot resolve the target name.\n",
    );
}

#[test]
fn powershell_one_request() {
    let log = "\n\nComputerName           : a.example\nRemoteAddress          : 10.0.0.1\n\
        InterfaceAlias         : Ethernet 2\nSourceAddress          : 10.0.0.60\n\
        PingSucceeded          : True\nPingReplyDetails (RTT) : 3 ms\n\n\
        WARNING: TCP connect to (10.0.0.2 : 53) failed\n\
        ComputerName           : b.example\nRemoteAddress          : 10.0.0.2\nRemotePort             : 53\n\
        InterfaceAlias         : Ethernet 2\nSourceAddress          : 10.0.0.60\n\
        PingSucceeded          : False\nPingReplyDetails (RTT) : 0 ms\nTcpTestSucceeded       : False\n\n\
        ComputerName     : c.example\nRemoteAddress    : 10.0.0.3\nRemotePort       : 53\n\
        TcpTestSucceeded : True\n\n\
        ComputerName            : a.example\nRemoteAddress           : 10.0.0.1\n\
        NetRoute (NextHop)      : 10.0.0.254\n\
        PingSucceeded           : True\nPingReplyDetails (RTT)  : 45 ms\n\n\n";
    let [a, b] = &powershell(log, Outcome::Ok)[..] else {
        panic!()
    };
    assert_eq!(
        (counts(a), &a.rtt_ms[..]),
        ((Some(2), 2, 0, 0), &[3.0, 45.0][..])
    );
    assert_eq!(b.destination.as_deref(), Some("b.example"));
    assert_eq!((counts(b), &b.rtt_ms[..]), ((Some(1), 0, 0, 0), &[][..]));
}
