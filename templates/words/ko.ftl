### 보고서의 모든 글, 한국어. 조사는 JOSA가 앞말의 끝소리에 맞추어 고른다: JOSA($word, "은/는").

## 본문을 둘러싼 글

page-title = 가상 NIC 백엔드 비교
page-byline = 캠페인 { $campaign }, 시작 { $started }, vnicbench { $version }
page-emulated =
    에뮬레이션 시험 환경: 모든 기능이 동작함을 보일 뿐, 측정된 시간은 실제 하드웨어에 대해 아무것도 말해
    주지 않습니다.
page-synthetic = 합성 캠페인: 수치는 지어낸 것이며, 아무것도 측정하지 않았습니다.
page-numbering = 1 / 1
page-skip = 보고서 본문으로 건너뛰기
page-sections = 절 목록

## 그림과 표의 번호

number-figure = 그림 { $n }
number-table = 표 { $n }
part-of-several = { $title } ({ $n }/{ $of })

## 화면 조작

control-group = 표시 설정
control-arms = 표시할 비교군
control-all-arms = 모두 표시
control-arms-shown = 비교군 { $all }개 중 { $shown }개 표시
control-theme-system = 색상: 시스템 설정
control-theme-light = 색상: 밝게
control-theme-dark = 색상: 어둡게
control-logarithmic = 로그 축
control-linear = 선형 축
control-filter = 행 거르기
control-rows-shown = { $all }행 중 { $shown }행
control-sorted-up = 정렬 기준: { $column }, 오름차순
control-sorted-down = 정렬 기준: { $column }, 내림차순
control-values = 위아래 화살표 키로 값을 차례로 읽습니다
control-numbers = 수치

## 여러 표에 쓰이는 열 제목

column-arm = 비교군
column-value = 값
column-log = 로그
column-lines = 행
column-trials = 시행
column-interval = 구간
column-level = 수준
column-estimate = 추정값
column-estimate-in = 추정값{ $unit }
column-ratio = 비율
column-blocks = 블록
column-n = n
column-metric = 지표
column-cell = 셀
column-verdict = 판정
column-claim = 주장
column-by-itself = 단독 판정
column-holm = Holm
column-p = p
column-version = 버전
column-first = 첫째
column-second = 둘째
column-workload = 부하
column-trial = 시행
no-value = 값 없음
not-known = 알 수 없음
n-of-all = { $n } / { $all }

## 측정하는 양과 단위

metric =
    { $metric ->
        [rtt-median] RTT 중앙값
        [ping-loss] 패킷 손실률
        [goodput] 유효 처리량
        [udp-loss] 데이터그램 손실률
        [udp-jitter] 지터
        [retransmits] 재전송 수
        [fairness] Jain 지수
        [host-cpu] 호스트 CPU
        [cpu-per-gbit] Gbit당 호스트 CPU
        [cpu-per-packet] 패킷당 호스트 CPU
        [interrupts] 인터럽트
        [interrupts-per-gbit] Gbit당 인터럽트
        [interrupts-per-packet] 패킷당 인터럽트
        [context-switches] 문맥 교환
        [context-switches-per-gbit] Gbit당 문맥 교환
        [context-switches-per-packet] 패킷당 문맥 교환
        [kvm-exits] VM exit 횟수
        [kvm-exits-per-gbit] Gbit당 VM exit
        [kvm-exits-per-packet] 패킷당 VM exit
       *[other] { $metric }
    }
metric-by-direction =
    { $metric }{ $unit }, { $better ->
        [less] 작을수록 좋음
       *[more] 클수록 좋음
    }
quantity =
    { $metric ->
        [rtt-median] RTT 중앙값
        [ping-loss] 패킷 손실률
        [goodput] 유효 처리량
        [tcp-goodput] TCP 유효 처리량
        [udp-loss] 데이터그램 손실률
        [udp-jitter] 지터
        [retransmits] 재전송 수
        [fairness] Jain 지수
        [host-cpu] 호스트 CPU
        [cpu-per-gbit] Gbit당 호스트 CPU
        [cpu-per-packet] 패킷당 호스트 CPU
        [interrupts] 인터럽트
        [interrupts-per-gbit] Gbit당 인터럽트
        [interrupts-per-packet] 패킷당 인터럽트
        [context-switches] 문맥 교환
        [context-switches-per-gbit] Gbit당 문맥 교환
        [context-switches-per-packet] 패킷당 문맥 교환
        [kvm-exits] VM exit 횟수
        [kvm-exits-per-gbit] Gbit당 VM exit
        [kvm-exits-per-packet] 패킷당 VM exit
       *[other] { $metric }
    }
unit-cpus = CPU 수
unit-cpu-per-packet = CPU µs/패킷
unit-thousand-per-gbit = 천 회/Gbit
unit-thousand = 천 회/s
median = 중앙값
insufficient = 자료 부족(n = { $n }, { $needs } 필요)

## 비교군, 조건, 부하

arm =
    { $backend }({ $instance ->
        [host] 호스트
        [vm] VM
       *[container] 컨테이너
    })
arm-of-two-nics =
    { $instance ->
        [host] 호스트
        [vm] VM
       *[container] 컨테이너
    } 하나에 { $backend } + { $other }
arm-of-two-instances =
    { $instance ->
        [host] { $backend } 호스트와 { $other } 호스트
        [vm] { $backend } VM과 { $other } VM
       *[container] { $backend } 컨테이너와 { $other } 컨테이너
    }
condition-instances =
    { $instance ->
        [container] 컨테이너 { $n }개
       *[vm] VM { $n }대
    }
condition-nics = NIC { $n }개
condition-vlan = VLAN 분리
condition-local = 호스트 내부 통신
condition-load =
    { $place ->
        [host] 호스트에
       *[vm] 이웃에
    } { $workers ->
        [none] { $load } 부하
       *[some] { $load } 부하 { $workers }개
    }
condition-tuned = 튜닝: { $name }
guest-kernel = 게스트 커널 { $version }
qemu = QEMU { $version }
load =
    { $load ->
        [idle] 유휴
        [cpu] CPU
        [memory] 메모리
        [io] 동기화 입출력
        [hdd] 디스크 쓰기
        [network-rx] 네트워크 수신
        [network-tx] 네트워크 송신
       *[other] { $load }
    }
workload-ping = ping { $payload }, { $interval } 간격
workload-stream =
    { $tool } { $protocol } { $direction ->
        [rx] 수신
        [tx] 송신
       *[both] 양방향
    }, 스트림 { $streams }개{ $rate ->
        [none] {""}
       *[some] , 인가 속도 { $rate }
    }{ $message ->
        [none] {""}
       *[some] , 메시지 { $message }
    }
workload-kind =
    { $tool } { $direction ->
        [rx] 수신
        [tx] 송신
       *[both] 양방향
    }

## 방법, 판정, 경고

verdict =
    { $verdict ->
        [better] 더 좋음
        [worse] 더 나쁨
        [equivalent] 동등
       *[inconclusive] 판정 불가
    }
method = { $statistic }, { $interval }
provenance =
    { $counts ->
        [same] 각각 n = { $least }
        [range] n = { $least }~{ $most }(표 참조)
       *[none] n = 0
    }; { $levels ->
        [none] 구간 없음
       *[some] 수준 { $levels }
    }; { $methods }
statistic =
    { $name ->
        [mean] 평균
        [median] 중앙값
        [proportion] 비율
        [paired-ratio] 블록별로 짝지은 비율의 의사중앙값
        [paired-difference] 블록별로 짝지은 차이의 의사중앙값
        [ratio] Hodges-Lehmann 비율
        [difference] Hodges-Lehmann 차이
        [geometric-mean] 기하 평균
        [harmonic-mean] 조화 평균
        [variance] 분산
        [standard-deviation] 표준편차
        [coefficient-of-variation] 변동계수
        [rate] 사건 발생률
        [mean-difference] 평균의 차이
        [mean-ratio] 평균의 비율
        [paired-mean-difference] 블록별로 짝지은 차이의 평균
        [paired-mean-ratio] 블록별로 짝지은 평균의 비율
        [paired-geometric-ratio] 블록별로 짝지은 비율의 기하 평균
        [paired-median-difference] 블록별로 짝지은 차이의 중앙값
        [paired-median-ratio] 블록별로 짝지은 비율의 중앙값
        [cohen-d] Cohen의 d
        [cohen-dz] 블록별로 짝지은 Cohen의 dz
        [hedges-g] Hedges의 g
        [cliff-delta] Cliff의 델타
        [a12] Vargha-Delaney A12
        [rank-biserial] 블록별로 짝지은 순위 이분 상관
        [slope] 기울기
       *[other] { $name }
    }
statistic-of-quantile =
    { $name ->
        [difference] { $percent } % 분위수의 차이
        [ratio] { $percent } % 분위수의 비율
        [trimmed] 양끝 { $percent } %를 뺀 평균
        [trimmed-mean] 양끝에서 { $percent } %씩 뺀 평균
       *[quantile] { $percent } % 분위수
    }
statistic-of-two =
    { $paired ->
        [yes] 블록별로 짝지은{" "}
       *[no] {""}
    }{ $of }의 { $name ->
        [ratio] 비율
       *[difference] 차이
    }
statistic-of-shares =
    { $name ->
        [jain-index] 몫 { $shares }개의 Jain 지수, 시행 평균
        [min-over-max] 몫 { $shares }개 중 최소/최대, 시행 평균
       *[share-variation] 몫 { $shares }개의 변동계수, 시행 평균
    }
interval =
    { $name ->
        [order-statistic] 순서통계량 구간(정확 이항)
        [nearest-order-statistic] 수준에 가장 가까운 순서통계량 구간(정확 이항)
        [printed-order-statistic] 반올림된 자릿수만큼 넓힌 순서통계량 구간(정확 이항)
        [student-t] t 구간(평균의 정규성 가정)
        [wilson] Wilson 점수 구간
        [clopper-pearson] Clopper-Pearson 구간(정확 이항)
        [clustered-wilson] 시행의 설계효과를 반영한 Wilson 점수 구간
        [signed-rank-exact] Wilcoxon 부호순위 구간(정확)
        [signed-rank-normal] Wilcoxon 부호순위 구간(정규 근사)
        [mann-whitney-exact] Mann-Whitney 구간(정확)
        [mann-whitney-normal] Mann-Whitney 구간(정규 근사)
        [interpolated-order-statistic] 보간 순서통계량 구간(수준에 근접)
        [trimmed-t] 절사 t 구간(윈저화 분산)
        [log-t] 로그의 t 구간(로그 평균의 정규성 가정)
        [reciprocal-t] 역수의 t 구간(역수 평균의 정규성 가정)
        [chi-squared] 카이제곱 구간(값의 정규성 가정)
        [noncentral-t] 비중심 t 구간(값의 정규성 가정)
        [garwood] Garwood 구간(정확 푸아송)
        [pooled-t] 합동 t 구간(분산이 같은 정규 값 가정)
        [welch-t] Welch t 구간(평균의 정규성 가정)
        [fieller] Fieller 구간(평균의 정규성 가정)
        [fieller-welch] Welch 자유도를 쓴 Fieller 구간(평균의 정규성 가정)
        [mover] 두 순서통계량 구간을 결합한 구간
        [effective-wilson] 일치 분산에 의한 Wilson 점수 구간
        [brunner-munzel] Brunner-Munzel 구간
        [kendall-normal] Theil-Sen 구간(정규 근사)
        [dkw-band] DKW 띠(모든 분위수 동시)
        [theil-sen] Theil-Sen 구간(Kendall 검정의 역)
        [ideal-percentile] 백분위 부트스트랩 구간(분포를 직접 계산, 재표집 없음)
        [ideal-bca] BCa 부트스트랩 구간(분포를 직접 계산, 재표집 없음)
        [top-level-t] 최상위 수준 평균에 대한 t 구간
        [top-level-fieller] 최상위 수준 평균에 대한 Fieller 구간
       *[other] { $name }
    }
interval-resampled =
    { $name ->
        [bootstrap-t] 부트스트랩 t 구간(재표집 { $replicates }회, 시드 { $seed })
        [farther-t] 부트스트랩 t와 t 구간 중 더 먼 끝(재표집 { $replicates }회, 시드 { $seed })
        [bootstrap-percentile] 백분위 부트스트랩 구간(재표집 { $replicates }회, 시드 { $seed })
        [bootstrap-bca] BCa 부트스트랩 구간(재표집 { $replicates }회, 시드 { $seed })
        [hierarchical-percentile] 모든 수준에 대한 백분위 부트스트랩 구간(재표집 { $replicates }회, 시드 { $seed })
        [top-level-percentile] 최상위 수준에 대한 백분위 부트스트랩 구간(재표집 { $replicates }회, 시드 { $seed })
       *[stationary-percentile] 정상 블록 부트스트랩 구간(재표집 { $replicates }회, 시드 { $seed })
    }
interval-of-batches = 계열을 묶음 { $batches }개로 나눈 t 구간
interval-of-family = 최대 t에 의한 { $family }개의 동시 구간(재표집 { $replicates }회, 시드 { $seed })
interval-of-family-by-bonferroni = { $family }개의 동시 t 구간(Bonferroni)
warning-ties = { $n }개 중 서로 다른 값이 { $distinct }개뿐이어서(양자화 또는 동점) 구간이 보수적입니다
warning-zero-differences = { $n }쌍 중 { $zeros }쌍은 차이가 없어 순위에서 제외되었습니다
warning-zero-width = 모든 값이 같아 구간이 불확실성이 아니라 분해능을 나타냅니다
warning-no-events = 사건이 관측되지 않아 시행 간 변동을 추정할 수 없으며 시도를 독립으로 봅니다
warning-all-events = 모든 시도가 사건이어서 시행 간 변동을 추정할 수 없으며 시도를 독립으로 봅니다
warning-few-for-bootstrap =
    값 { $n }개의 부트스트랩은 포함 확률이 수준보다 낮습니다({ $recommended }개부터 수준에 가까워짐)
warning-bca-undefined = 이 표본에서는 편향이나 가속이 정의되지 않아 백분위 구간을 씁니다
warning-no-acceleration =
    어느 값 하나를 빼도 바뀌지 않아 구간을 편향에 대해서만 보정하고 왜도에 대해서는 보정하지 않습니다
warning-dependent-trials = 연속한 값이 서로 상관되어 있어, 독립을 가정한 구간의 포함 확률이 수준보다 낮습니다
warning-dependent = 값이 앞선 값에 의존하며(Ljung-Box p < 0.01) 구간이 이를 반영합니다
warning-rounded = 값이 반올림되어 구간을 양끝에서 반 눈금씩 넓혔습니다
warning-censored = { $n }개 중 { $censored }개는 한계보다 작다는 것만 알려져 있습니다
note =
    { $name ->
        [no-value] 완료된 시행 { $second }회 중 { $first }회에서 값을 얻지 못했습니다
        [upper-bounds] 왕복 시간 { $second }개 중 { $first }개는 상한만 알려져 있습니다
        [iperf-client] iperf 클라이언트는 도착한 양이 아니라 소켓에 넘긴 양을 셉니다
        [one-boot] 게스트의 한 번의 부팅에 대해서만 말합니다
        [several-boots] 게스트의 부팅 { $first }회에 대해 말하며, 게스트는 죽은 경우에만 다시 부팅했습니다
        [too-few-replies] 응답이 부족한 시행 { $first }회를 제외했습니다
        [no-partner] 상대가 없어 제외: { $n ->
           *[other] 블록
        } { $first }
        [zero-ratio] 0에는 비율이 없어 제외: 블록 { $first }
        [no-slope] 모든 인스턴스 수에서 값이 있지 않아 제외: 블록 { $first }
       *[other] { $text }
    }

## 첫 쪽

glance = 한눈에 보기
answers = 결과 요약
nothing-compared = VM의 virtio와 비교된 것이 없습니다. 실험 행렬에 그런 쌍이 없거나, 값을 준 시행이 없습니다.
claims-below = { $summary } 자세한 내용은 “주장” 절에 있습니다.
cautions = 이 보고서에서 결론지을 수 없는 것
fact-compared = 비교 대상
fact-testbed = 시험 환경
testbed =
    { $testbed ->
        [attached] 실물: 이 호스트의 NIC
        [synthetic] 없음: 수치는 지어낸 것
       *[emulated] 에뮬레이션: 소프트웨어로 만든 시험 호스트와 에뮬레이션 NIC
    }
fact-host = 호스트
host = { $cpu }, CPU { $cpus }개, 커널 { $kernel }, { $qemu }, { $accelerator }
fact-trials = 시행
trials =
    계획 { $planned }회, 완료 { $complete }회{ $failed ->
        [0] {""}
       *[other] , 실패 { $failed }회
    }{ $interrupted ->
        [0] {""}
       *[other] , 중단 { $interrupted }회
    }{ $missing ->
        [0] {""}
       *[other] , 시작하지 않음 { $missing }회
    }
fact-design = 실험 설계
design = 블록 { $blocks }개, 각 블록은 셀 { $cells }개 전체를 무작위 순서로 한 번씩 수행(시드 { $seed })
fact-guests = 게스트
boots =
    { $policy ->
        [per-block] 블록마다 새로 부팅
        [per-trial] 시행마다 필요한 것만 새로 부팅
       *[per-campaign] 한 번만 부팅: 모든 구간은 그 한 번의 부팅에 대한 것이며 다른 부팅에 대한 것이 아닙니다
    }
fact-ended = 종료
ended = 허용된 블록 { $blocks }개 이전에 종료: { $reason }
forest-title = VM의 virtio에 대한 비율
forest-axis = VM의 virtio에 대한 비율
forest-heading =
    { $quantity ->
        [rtt-median] RTT 중앙값
       *[tcp-goodput] TCP 유효 처리량
    }, { $workload }; { $better ->
        [less] 작을수록 좋음
       *[more] 클수록 좋음
    }
forest-caption =
    각 비교군을 블록별로 짝지어 VM의 virtio에 대한 비율로 나타냈습니다. { $provenance }. 회색 띠(5 %) 안에 있으면 동등하다고 판정합니다.{ $shown ->
        [all] {""}
       *[some] {" "}비율 { $total }개 중 처음 { $shown }개이며, 나머지는 각 실험 절에 있습니다.
    }
answers-more = 나머지 { $n }개는 해당 실험 절에 있습니다.
answer-subject =
    { $place ->
        [none] {""}
        [host] 호스트에서{" "}
        [vm] VM에서{" "}
       *[container] 컨테이너에서{" "}
    }{ $kind ->
        [native] 게스트 없이 포트 간에 잰 { $quantity }
        [mix] { $arm }의 { $quantity }
       *[plain] { $backend }의 { $quantity }
    }{ $conditions ->
        [none] {""}
       *[some] ({ $conditions })
    }
answer-baseline =
    { $kind ->
        [virtio] virtio
        [arm] { $arm }
        [part] { $arm } 단독
        [version] { $arm }인 경우
        [untuned] 튜닝하지 않은 경우
       *[idle] 이웃이 유휴인 경우
    }
answer =
    { $subject }{ JOSA($subject, "은/는") } { $baseline }의 { $value }배 { $interval }입니다({ $level },
    블록 { $n }개){ $verdict }.
answer-verdict =
    : { $verdict }{ $standing ->
        [joint] , 결합 판정도 같음
        [alone] , 결합 판정은 다름
       *[none] {""}
    }
answer-none = { $subject }{ JOSA($subject, "은/는") } { $baseline }의 값과 비교할 수 없습니다: { $reason }.
surviving =
    보고서의 판정(더 좋음, 더 나쁨, 동등) { $n }개 중 { $kept }개는 같은 실험, 지표, 대비의 모든 비교에
    동시에 성립하는 구간으로도 같습니다(“결합 판정도 같음”).
interference-about = { $workload }, 부하가 걸린 이웃 옆에서
caution-hardware =
    하드웨어에 관한 어떤 결론도: 여기서는 NIC와 IOMMU, 그리고 많은 경우 CPU까지 소프트웨어입니다.
caution-boot =
    게스트를 다시 부팅해도 같은 값이 나온다는 것: 부팅은 한 번뿐이었고, 구간은 그 안에서 변하는 것만
    담습니다.
caution-many =
    모든 구간이 참값을 포함한다는 것: 구간은 하나씩 따로 구했으며, 많으면 일부는 벗어납니다. “결합 판정도
    같음”은 같은 실험, 지표, 대비 안에서 이를 감안한 것입니다.
caution-elsewhere =
    비율이 다른 곳에서도 성립한다는 것: 이 호스트, 이 버전, 이 부하에서의 값이며 모두 “환경” 절에
    있습니다.
caution-loss = 왕복 시간이 짧으면 좋은 경로라는 것: 응답받은 요청만의 값이며, 손실률은 그 옆에 있습니다.
caution-native =
    측정 자체의 비용: 이를 알려 줄 native 비교군(게스트 없는 포트 간 측정)이 이 캠페인에는 없습니다.

## 기준과의 비교가 아닌 답

fairness-about = { $workload }, 모두 동시에: 1은 균등, 1/n은 n개 중 하나가 모두 차지함
fairness-answer = { $arm }의 Jain 지수는 { $value } { $interval }입니다({ $level }, 시행 { $n }회).
fairness-none = { $arm }의 Jain 지수는 알 수 없습니다: { $reason }.
density-about = { $workload }, 사용 중인 호스트 프로세서 수
density-answer =
    { $arm } 인스턴스가 하나 늘 때마다 { $value } { $interval } { $unit }만큼 늘어납니다({ $level }, 블록
    { $n }개).
density-none = { $arm } 인스턴스 하나가 더하는 양은 알 수 없습니다: { $reason }.
tuning-about = { $workload }, 튜닝 적용
versions-about =
    { $workload }, { $what ->
        [kernel] 게스트 커널별
       *[qemu] QEMU별
    }
caution-sources =
    다시 똑같이 빌드할 수 있다는 것: { $why ->
        [nixpkgs] nixpkgs가 잠금 파일의 것이 아닙니다
        [flake] flake가 커밋된 것이 아닙니다
       *[both] nixpkgs가 잠금 파일의 것이 아니고 flake도 커밋된 것이 아닙니다
    }(“소프트웨어” 절 참조).

## 실험별 절

question =
    { $question ->
        [latency] 패킷이 왕복하는 데 얼마나 걸리는가?
        [throughput] 데이터가 얼마나 통과하는가?
        [fairness] VM들은 NIC 하나를 어떻게 나누어 쓰는가?
        [interference] 이웃의 부하는 어떤 영향을 주는가?
        [multi-network] NIC나 네트워크가 여럿이면 어떻게 되는가?
       *[density] VM이 늘면 호스트는 무엇을 치르는가?
    }
question-heading =
    { $question ->
        [latency] 지연 시간
        [throughput] 처리량
        [fairness] 공정성
        [interference] 간섭
        [multi-network] 다중 네트워크
       *[density] 밀도
    }
reading-fairness =
    한 시행의 모든 NIC가 동시에 송신하거나 수신합니다. 유효 처리량은 이들이 얻은 양의 합입니다. Jain 지수는
    얼마나 고르게 나누었는지를 나타냅니다. 모두 같으면 1, n개 중 하나가 모두 차지하면 1/n입니다.
reading-multi-network =
    유효 처리량은 한 시행의 모든 NIC에 대한 합이고, 왕복 시간은 모든 NIC에 온 응답의 중앙값입니다. 혼합은
    각 구성 요소 단독과 비교하고, 그런 셀이 있으면 같은 종류의 NIC가 같은 수만큼인 경우와도 비교합니다.
reading-density =
    카운터는 측정하는 동안 호스트 전체의 값입니다. 인스턴스, 그 NIC를 처리하는 것, 이웃의 부하, 그리고 같은
    호스트의 포트를 쓰는 경우 부하 발생기가 모두 포함됩니다.
experiment-without-values = 이 실험에서는 값을 준 시행이 없습니다. “자료 품질” 절을 보십시오.
panel-title = { $metric }, { $workload }
panel-caption = { $title }. 고리는 시행, 표지와 막대는 추정값과 그 구간입니다. { $provenance }.
panel-alt =
    { $title }{ $unit ->
        [none] {""}
       *[some] , 단위 { $unit }
    }, 각 비교군의 추정값과 구간. { $values }.
column-nic-of = NIC 소유자
column-share = 몫 (%)
shares-caption =
    { $title }: 지수를 이루는 몫을 시행의 유효 처리량에 대한 비율로 나타냈습니다. { $provenance }.
column-vms = VM 수
column-for-each-vm = VM당{ $unit }
slopes-caption =
    { $title }: VM 하나가 늘 때마다 더해지는 양입니다. 블록마다 VM 수에 대한 최소제곱 기울기를 구하고,
    이들에 대해: { $provenance }.
column-not-complete = 미완료
estimates-caption = { $title }. { $provenance }. 각 값은 “값의 출처” 절의 로그로 이어집니다.
column-compared = 비교
column-verdict-at = 판정(5 %)
column-jointly = 결합 구간
column-verdict-jointly = 결합 판정
column-bh = B-H
ratios-caption =
    { $title }: 비율. { $provenance }. { $better ->
        [less] 작을수록 좋으므로 비율이 1보다 작으면 더 좋습니다.
       *[more] 클수록 좋으므로 비율이 1보다 크면 더 좋습니다.
    } { $families }
families =
    결합: 실험 전체에서 한 대비의 비교 { $least }개를 한 족(family)으로 봅니다{ $how }. p는 부호순위 검정의
    값이며, 그대로의 값과 Holm, Benjamini와 Hochberg(B-H)로 보정한 값입니다.
families-of-sizes =
    결합: 실험 전체에서 한 대비의 비교 { $least }~{ $most }개를 한 족(family)으로 봅니다{ $how }. p는
    부호순위 검정의 값이며, 그대로의 값과 Holm, Benjamini와 Hochberg(B-H)로 보정한 값입니다.
families-how = : { $level }로 모두 동시에 성립하는 구간({ $method }, n = { $n })
compared =
    { $contrast ->
        [to-baseline] { $arm } 대 { $baseline }
        [to-idle] { $arm } 대 이웃 유휴
        [to-untuned] { $arm } 대 튜닝 없음
        [to-version] { $arm } 대 { $baseline }
       *[to-part] { $arm } 대 { $baseline } 단독
    }
arm-with-nics = { $arm }, NIC { $n }개
warned-of = { $names }: { $warning }.
warned-slope = { $arm }의 기울기
warned-every =
    { $group ->
        [estimate] 모든 추정값
        [ratio] 모든 비율
       *[slope] 모든 기울기
    }
distribution-title = RTT 분포, { $workload }
distribution-caption =
    { $title }. 모든 요청 중 해당 시간 안에 응답받은 비율이며, 곡선이 100 %에 못 미치는 만큼은 손실입니다. 표와 같이 모든 시행을 합쳤습니다. 띠는 각 시간에서 따로 구한 구간입니다{ $level ->
        [none] {""}
       *[some] ({ $level }; 시행 간 차이를 감안한, 시행에 대한 비율의 점수 구간)
    }. 한 시행의 패킷들은 독립이 아니고 시행들이 독립입니다.
distribution-caption-more = { $title }.
distribution-alt = { $title }: 해당 시간 안에 응답받은 요청의 비율. { $curves }.
distribution-curve = { $arm }: 요청 { $sent }개에 응답 { $got }개, { $least }~{ $most } { $unit }
distribution-curve-none = { $arm }: 요청 { $sent }개에 응답 없음
distribution-axis = 응답 시간{ $unit }
distribution-table = { $title }: 곡선의 바탕이 된 자료.
column-requests = 요청
column-replies = 응답
column-shortest = 최단{ $unit }
column-longest = 최장{ $unit }
no-reply = 없음
ridges-title = 왕복 시간과 분위수, { $workload }
ridges-axis = 왕복 시간{ $unit }
ridges-caption =
    { $title }. 능선은 한 비교군의 모든 응답이며 가장 높은 곳을 기준으로 높이를 맞추었습니다. 그 아래에는
    왼쪽부터 { $quantiles }의 값과 구간이 있습니다. 시행별 분위수를 구한 뒤 시행에 대한 중앙값과 구간을
    구한 것으로, 그 분위수를 넘는 응답이 둘 이상인 시행만 씁니다. 도착한 응답만의 값이며 손실률은 옆에
    있습니다. { $provenance }.
ridges-loss = 손실률 { $loss } %
ridges-loss-unknown = 손실률 알 수 없음
quantiles-caption = { $title }. 각각 시행별 값의 중앙값입니다. { $provenance }.
column-loss = 손실률 (%)
too-few-replies = 응답 부족

## 실험의 여러 패널에 걸친 그림

overview = 개요
workloads-title = { $metric }, 모든 부하
workloads-caption = { $title }. 추정값과 구간. { $provenance }.
factor =
    { $factor ->
        [payload] 페이로드
        [time-between-requests] 요청 간격
        [streams] 스트림 수
        [message-size] 메시지 크기
        [offered-rate] 인가 속도
        [instances] 인스턴스 수
       *[nics-of-an-instance] 인스턴스당 NIC 수
    }
against-title =
    { $factor ->
        [payload] 페이로드
        [time-between-requests] 요청 간격
        [streams] 스트림 수
        [message-size] 메시지 크기
        [offered-rate] 인가 속도
        [instances] 인스턴스 수
       *[nics-of-an-instance] 인스턴스당 NIC 수
    }에 따른 { $metric }
against-caption =
    { $title }, 추정값과 구간. { $groups ->
        [1] { $workload }.
       *[other] 다른 인자의 조합 { $groups }개 중 하나: { $workload }.
    }{ $slopes ->
        [no] {""}
       *[yes] {" "}이름 아래: 인스턴스 하나가 더하는 양과 그 구간.
    } { $provenance }.
against-slope = 개당 +{ $slope }
point-at-level = { $level }에서 { $value }
neighbours-title = 부하가 걸린 이웃 옆의 { $metric }, 이웃이 유휴일 때에 대한 비율
neighbours-caption =
    { $title }, { $workload }. 각 칸은 비율, 구간, 판정(5 %)이며, 블록이 충분하면 모든 부하의 구간이 동시에
    성립합니다. 이웃이 유휴일 때보다 좋으면 파랑, 나쁘면 주황입니다. { $provenance }.
needs-blocks = { $needs } 필요
neighbour-load =
    { $workers ->
        [none] { $load }
       *[some] { $load } { $workers }개
    }
neighbour-place =
    { $place ->
        [host] 호스트에서
       *[vm] 이웃 VM에서
    }
heat-key = 비율
mixes-title = 혼합과 그 구성 요소의 { $metric }
mixes-caption = { $title }, { $workload }. { $provenance }.
tunings-title = 튜닝한 { $metric }, 튜닝하지 않은 경우에 대한 비율
tunings-axis = { $metric }, 튜닝하지 않은 경우에 대한 비율
versions-title =
    { $what ->
        [kernel] 게스트 커널
       *[qemu] QEMU
    }별 { $metric }, 첫째 버전에 대한 비율
versions-axis =
    { $metric }, 첫째 { $what ->
        [kernel] 게스트 커널
       *[qemu] QEMU
    }에 대한 비율
ratios-figure-caption =
    { $title }. 회색 띠는 5 % 이내의 차이입니다. 블록이 충분하면 구간이 동시에 성립합니다. { $provenance }.
figure-alt = { $title }. { $values }.

## 패킷의 경로

paths = 패킷의 경로
path-title = 패킷의 경로, { $arm }
paths-reading =
    패킷이 인스턴스에서 회선까지 가며 거치는 것들입니다. 들어오는 패킷은 같은 길을 거꾸로 지납니다.
paths-emulated = 여기서는 하드웨어도 소프트웨어입니다. 하드웨어로 그려진 것은 에뮬레이터가 수행합니다.
path-caption = { $title }. { $way } { $counters }
path-sentence = 패킷은 { $steps } 순으로 지납니다.
path-sentence-interrupts =
    패킷은 { $steps } 순으로 지나며, 인터럽트는 { $from }에서 { $step }({ $note })을 거쳐 갑니다.
path-step = { $title }({ $note })
path-steps-joined = { $steps } → { $step }
path-counted = { $step }에서 { $counter } { $value }.
path-counter =
    { $metric ->
        [kvm-exits] VM exit
        [context-switches] 문맥 교환
        [interrupts] 인터럽트
       *[host-cpu] 호스트 CPU
    }, { $unit ->
        [thousand] 천 회/s
       *[other] { $unit }
    }
path-no-counters = 이 비교군만을 방해 없이 잰 카운터가 캠페인에 없습니다.
path-counters =
    숫자는 { $workload }일 때 호스트 전체의 값이며, 가장 많이 일으키는 단계에 적었습니다({ $provenance }).{ $cpu ->
        [none] {""}
       *[some] {" "}호스트는 { $cpu } { $unit }만큼 바빴습니다.
    }
path-lane =
    { $lane ->
        [guest] 게스트
        [container] 컨테이너
        [user] 호스트
        [kernel] 호스트
       *[hardware] 하드웨어
    }
path-lane-below =
    { $lane ->
        [user] 프로세스
        [kernel] 커널
       *[other] {""}
    }
path-step-title =
    { $step ->
        [virtio-net] virtio-net
        [kvm] KVM
        [kvm-irqfd] KVM
        [kvm-vfio] KVM, VFIO
        [port-driver] 포트 드라이버
        [nic-port] NIC 포트
        [bridge] 브리지
        [iommu] IOMMU
        [vf-queues] VF 큐
        [nic-switch] NIC 스위치
        [qemu] QEMU
        [tap] tap
        [tap-in-kernel] tap
        [vhost-thread] vhost 스레드
        [macvtap] macvtap
        [dpdk] DPDK
        [veth-to-socket] veth 쌍
        [veth-to-host] veth 쌍
        [vf-driver] VF 드라이버
        [vf-driver-in-namespace] VF 드라이버
        [container-program] 프로그램
        [host-program] 프로그램
       *[network-stack] 네트워크 스택
    }
path-step-note =
    { $step ->
        [virtio-net] 가상 큐 채움
        [kvm] exit, ioeventfd
        [kvm-irqfd] irqfd
        [kvm-vfio] 주입(posted 아니면)
        [port-driver] DMA, MSI-X
        [nic-port] 회선으로
        [bridge] MAC 주소로 전달
        [iommu] DMA, MSI 재매핑
        [vf-queues] VF의 링
        [nic-switch] MAC 주소로 전달
        [qemu] 패킷 복사
        [tap] 읽기, 쓰기
        [tap-in-kernel] 커널 안에서
        [vhost-thread] 패킷 복사
        [macvtap] 포트 위에서
        [dpdk] 가상 큐 폴링
        [veth-to-socket] 패킷 소켓
        [veth-to-host] 호스트로
        [vf-driver] VF 링 채움
        [vf-driver-in-namespace] 이름공간 안에서
        [container-program] 자체 네트워크 스택
        [host-program] 호스트에서 직접
       *[network-stack] 소켓, 라우팅
    }

## 주장

claims = 주장
claims-rule =
    주장은 그것이 다루는 값의 구간을, 주장된 값과 다름없는 값들(허용 오차 안의 값들)에 견주어 판정합니다.
    주장이 다루는 모든 셀의 구간이 주장대로 놓이면 지지되고, 한 셀의 구간이라도 있을 수 없는 곳에
    놓이면(모든 셀을 한 족으로 보고 Holm으로 보정) 반박되며, 그 밖에는 판정 불가입니다. 두 구간이
    겹치는지는 묻지 않습니다.
claims-expected =
    ‘예상’으로 표시된 주장은 출처가 질문으로 제기한 것입니다. 출처의 답은 확보하지 못했으며, 방향은 그
    논리에서 예상되는 것입니다.
column-in-words = 내용과 출처
column-holds-if = 성립 조건
claims-table = 주장과 그에 대해 이 캠페인이 말하는 것.
claim-and-source = { $claim }({ $source })
claims-cells =
    각 셀이 각 주장에 대해 말하는 것. { $provenance }. 값은 해당 실험 절에 있으며, 로그와 함께 “값의
    출처” 절에도 있습니다.
claims-information =
    시험 환경이 에뮬레이션이므로 검정이 아니며, 그 수치라면 무엇을 말하는지를 보입니다. 이 시험 환경에 대한
    정보일 뿐입니다. { $provenance }. 값은 해당 실험 절에 있으며, 로그와 함께 “값의 출처” 절에도
    있습니다.
claims-summary = 주장 { $n }개: { $counts }.
claims-counted =
    { $verdict ->
        [supported] 지지
        [contradicted] 반박
        [inconclusive] 판정 불가
       *[not-testable] 여기서 검정 불가
    } { $n }개
claim-verdict =
    { $verdict ->
        [supported] 지지됨
        [contradicted] 반박됨
        [inconclusive] 판정 불가
       *[not-testable] 여기서 검정 불가
    }
claim-verdict-why = { $verdict }: { $why }
claim-no-difference = 의미 있는 차이 없음
claim-of-cells = 셀 { $cells }개 중 { $parts }
claim-cells-finding =
    { $finding ->
        [supports] 지지
        [contradicts] 반박
        [no-difference] 의미 있는 차이 없음
        [undecided] 미결정
       *[none] 시행 부족
    } { $n }개
claim-finding =
    { $finding ->
        [supports] 지지함
        [contradicts] 반박함
        [no-difference] 의미 있는 차이 없음
       *[undecided] 미결정
    }
claim-untestable =
    { $why ->
        [emulated] 시험 환경은 에뮬레이션이고 주장은 하드웨어에 관한 것입니다
        [synthetic] 지어낸 수치입니다
        [no-cells] 캠페인에 그런 셀이 없습니다
        [no-counterparts] 캠페인에 비교할 상대 셀이 없습니다
        [no-metric] 이 셀들에서는 해당 지표를 측정하지 않았습니다
        [no-values] 쓸 수 있는 값을 준 시행이 없습니다
       *[no-line-rate] 포트의 링크 속도를 알 수 없습니다
    }
claim-too-few-trials = 시행 부족(n = { $n }, { $needs } 필요)
claim-source-expected = { $source }; 예상
claim-asserted =
    { $metric }: { $estimand ->
        [ratio] 비율
        [difference] 차이
        [slope] 인스턴스당 증가량
        [slope-difference] 인스턴스당 증가량의 차이
       *[fraction-of-line-rate] 회선 속도에 대한 비율
    } { $direction ->
        [lower] { $low } 미만
        [higher] { $high } 초과
        [equivalent] { $low }~{ $high }
        [at-most] { $high } 이하
       *[at-least] { $low } 이상
    }
column-against-p = 반대 p
column-adjusted = 보정 p
cell-with = { $cell } 대 { $other }
claims-plain-holds = {"  "}성립 조건: { $asserted }
claims-plain-information = {"  "}검정은 아니나 참고로 이 시험 환경의 수치:
claims-plain-basis = {" "}(n = { $n }, { $level }, { $method })
claims-plain-adjusted = ; 반대 p = { $p }, 보정 { $adjusted }

## 자료 품질

quality = 자료 품질
quality-ended = 캠페인은 최대 { $most }개 블록 중 { $blocks }개 뒤에 종료되었습니다: { $reason }.
quality-reading =
    실패한 시행은 여기에서 세며 결과가 아닙니다. 0으로 치지도, 빼 버리지도 않습니다. 시작하지 않은 시행은
    시도 자체가 없었으므로 따로 셉니다.
failures = 결과가 되지 못한 시행
failures-none = 없음: 계획된 모든 시행이 완료되어 값을 주었습니다.
log-warnings = 로그의 이상한 점
log-warnings-none = 없음: 사용한 모든 로그의 모든 행을 해석했습니다.
column-planned = 계획
column-complete = 완료
column-failed = 실패
column-interrupted = 중단
column-missing = 미시작
column-success = 성공률 (%)
success-caption = 셀별 시행. 성공률은 시작한 시행 중 완료한 시행의 비율입니다. { $provenance }.
column-state = 상태
column-reason = 이유
trial-state =
    { $state ->
        [failed] 실패
        [interrupted] 중단
        [missing] 미시작
        [unusable] 사용 불가
       *[other] { $state }
    }
failures-caption =
    실패했거나 중단되었거나 시작하지 않은 시행, 그리고 완료되었으나 로그에서 값을 얻지 못한 시행(사용
    불가).
column-kind = 종류
column-count = 개수
column-first-at = 첫 위치
column-text-there = 그곳의 글
log-warning-kind =
    { $kind ->
        [empty-file] 빈 파일
        [unknown-format] 알 수 없는 형식
        [cut-file] 잘린 파일
        [no-records] 기록 없음
        [tool-error] 도구 오류
        [malformed] 형식 오류
        [summary-disagrees] 요약 불일치
        [duplicate] 중복
        [reordered] 순서 바뀜
        [censored] 중도절단
        [quantised] 양자화
        [wrapped-sequence] 순번 되돌이
        [clock-step] 시계 건너뜀
        [joined-lines] 붙은 행
        [corrupted] 손상
        [not-a-number] 수가 아님
        [noise] 잡음
        [second-document] 둘째 문서
       *[other] { $kind }
    }
log-warnings-caption = 로그의 이상한 점을 종류별로 첫 위치와 함께 나타냈습니다.
time-spent = 시간의 쓰임
column-phase = 단계
column-median-s = 중앙값 (s)
column-longest-s = 최장 (s)
column-total-s = 합계 (s)
column-share-of-time = 비중 (%)
phase =
    { $phase ->
        [provision] 준비
        [boot] 부팅
        [ready] 응답 대기
        [settle] 안정화
        [measure] 측정
        [collect] 수집
        [tear-down] 철거
        [cool-down] 휴지
       *[other] { $phase }
    }
time-caption = 완료된 시행의 단계별 시간. 기술 통계이며, 그 단계가 있던 시행에서의 값입니다.
time-built = 계속 유지되는 환경을 구축하는 데 { $times } 걸렸습니다.
time-torn-down = 호스트를 되돌리는 데 { $times } 걸렸습니다.
time-seconds = { $seconds } s
time-then = { $times }, 이어서 { $time }
start-skew =
    측정 명령이 여럿인 시행 { $trials }회에서 처음과 마지막 시작 시각의 차이는 중앙값 { $median } ms, 최대
    { $largest } ms였습니다.

## 안정성과 측정 비용

drift = 캠페인 동안의 표류
drift-unknown = 알 수 없음: 추세를 구하는 데 필요한, 값이 변하는 시행 여섯 개를 가진 셀이 없습니다.
drift-found =
    추세 { $trends }개(셀의 지표마다 하나) 중 { $found }개가 표류합니다. Mann과 Kendall의 p를 해당 지표에
    대한 실험의 셀 수에 대해 Holm으로 보정한 값이 0.05 이하인 것입니다. 블록 안의 순서는 무작위이므로
    표류가 비교군 사이의 차이로 나타나지 않습니다.
drift-title = 캠페인 동안의 { $metric }
drift-caption =
    { $title }. 각 시행을 그 셀의 중앙값으로 나눈 값을 블록 순으로 나타냈으며, 모든 부하를 합쳤습니다.{ $shown ->
        [all] {""}
       *[some] {" "}시행이 { $most }회를 넘는 비교군은 고른 간격으로 그만큼만 보입니다.
    } 기술 통계이며 추세는 표에 있습니다.
drift-alt = { $title }. 블록 순서로 나열한 시행 { $trials }회. 추세는 표에 있습니다.
drift-axis = 시행 / 그 셀의 중앙값
drift-block = 블록
column-slope = 블록당 기울기
column-whole = 전체 (%)
drift-table =
    블록에 따른 셀의 시행 추세. ‘전체’는 캠페인 동안의 변화를 중앙값에 대한 비율로 나타낸 것입니다. { $shown ->
        [all] {""}
       *[some] { $all }개 중 p가 가장 작은 { $shown }개.{" "}
    }{ $provenance }.
column-experiment = 실험
column-judged = 판정한 시행
column-autocorrelation = 자기상관
column-dependent = 의존 (%)
column-worth = 유효 (%)
column-flat = 평탄
column-warm-up = 워밍업
column-slowing = 둔화
column-never-steady = 불안정 (%)
behaviour-caption =
    각 비교군의 시행 안에서 연속한 응답. 시행이 많으면 고르게 뽑은 일부만 씁니다. 자기상관은 시차 1의 값,
    의존은 Ljung과 Box의 p가 0.01 미만인 시행, 유효는 응답 수에 대한 유효 표본 크기이며, 평탄, 워밍업,
    둔화, 불안정은 응답이 충분한 시행을 Barrett 등(2017)에 따라 분류한 것입니다. { $provenance }.
within-trials = 시행 내부
within-trials-reading =
    한 시행의 응답들은 이어져 있어 독립적인 값이 아닙니다. 이 보고서의 모든 구간을 시행으로부터 구하는
    까닭입니다. 한 시행의 모든 응답에 대한 서술에는 워밍업도 포함됩니다.
outliers = 다른 시행과 동떨어진 시행
outliers-none = 없음: 셀의 중앙값에서 편차(중앙값 절대편차 기준)의 3.5배보다 멀리 떨어진 시행이 없습니다.
column-block = 블록
column-class = 분류
outliers-caption =
    셀의 중앙값에서 편차의 3.5배보다 멀리 떨어진 시행이며, 극단은 7배 초과입니다(Iglewicz와 Hoaglin(1993)의 수정 z, 모두 0보다 크면 로그 값 사용). 표시만 할 뿐 모든 추정에 포함됩니다.{ $shown ->
        [all] {""}
       *[some] {" "}{ $all }개 중 처음 { $shown }개.
    }
outlier-class =
    { $class ->
        [extremely-low] 극단적으로 낮음
        [low] 낮음
        [regular] 보통
        [high] 높음
       *[extremely-high] 극단적으로 높음
    }
overhead = 측정 자체의 비용
overhead-unknown = 알 수 없음: 이를 알려 줄 native 비교군(게스트 없는 포트 간 측정)이 캠페인에 없습니다.
column-without-guest = 게스트 없이
calibration-caption =
    보정: 같은 도구로 포트 간에 잰 값. 결과는 도구 자체의 값보다 좋을 수 없으며, 그에 가까운 값은 도구에
    대해 말하는 것입니다. { $provenance }.
overhead-share =
    완료된 모든 시행에 든 시간 중 { $percent } %가 측정에 쓰였으며, 나머지는 부팅, 준비, 정리입니다.

## 환경

environment = 환경
environment-host =
    { $emulated ->
        [yes] 시험 호스트(에뮬레이션)
       *[no] 호스트
    }
environment-outer = 시험 호스트를 에뮬레이션한 기계
environment-generator = 부하 발생기의 호스트
environment-changes = 캠페인 동안의 변경
environment-changes-reading =
    변경된 호스트에서 캠페인을 재개했으며 이를 수락했습니다. 그 전후의 시행은 같은 호스트의 것이 아닙니다.
environment-guests = 게스트
environment-software = 소프트웨어
fact-cpu = CPU
cpus-online = { $cpu }, 온라인 { $cpus }개
fact-memory = 메모리
fact-kernel = 커널
fact-command-line = 명령행
not-recorded = 기록되지 않음
fact-microcode = 마이크로코드
fact-governor = 거버너
fact-smt = SMT
fact-clock-source = 클록 소스
fact-accelerator = 가속기
fact-qemu = QEMU
fact-ssh = ssh 접속 이름
column-interface = 인터페이스
column-used-for = 용도
column-driver = 드라이버
column-pci = PCI 주소
column-device = 장치
column-link = 링크 (Mbit/s)
column-vfs = VF 수
column-firmware = 펌웨어
nic-unused = 없음
nics-caption = 네트워크 인터페이스.
guests-each =
    각각 가상 CPU { $cpus }개와 메모리 { $memory }를 가지며, 한 번에 { $boots }대씩 부팅합니다. 드라이버는
    게스트 자신이 NIC에 바인딩된 것으로 확인한 것입니다.
guests-none = 부팅한 게스트가 없습니다.
column-guest = 게스트
column-boot = 부팅
column-up-after = 기동 시간 (s)
column-drivers = NIC 드라이버
column-console = 콘솔 로그
column-failure = 실패
guest-not-up = 기동 안 됨
drivers-none = 보이지 않음
failure-none = 없음
guests-caption = 부팅별 게스트.
guests-failed-caption = 기동하지 못한 게스트, 부팅별.
guests-by-name-caption = 모든 부팅에 걸친 게스트.
column-boots = 부팅 횟수
column-boots-failed = 실패
column-up-after-median = 기동 시간 (s), 중앙값
column-up-after-most = 최대
vf-drivers-none =
    가상 함수(VF)의 드라이버를 보고한 게스트가 없으므로, VM에서 VF가 쓰였음을 보여 주는 것이 여기에는
    없습니다.
vf-drivers = 게스트에서 가상 함수(VF)의 드라이버가 쓰였습니다: { $drivers }.
software-from =
    제공: { $provider }. 다이제스트는 SHA-256의 처음 12자리이며, 전체는 campaign.json과 “다이제스트” 절에
    있습니다.
provider-unnamed = 이름 없는 제공자
fact-flake = flake
fact-nixpkgs-locked = 잠금 파일의 nixpkgs
fact-nixpkgs-used = 사용한 nixpkgs
nixpkgs-locked = nixpkgs는 잠금 파일의 것입니다.
nixpkgs-differs = 잠금 파일의 것이 아닌 nixpkgs로 빌드했습니다:
nixpkgs-other-hash = nixpkgs의 narHash는 { $used }, 잠금 파일은 { $locked }
nixpkgs-other-commit = nixpkgs의 커밋은 { $used }, 잠금 파일은 { $locked }
flake-of-no-commit = 커밋 없음: 변경되었거나 잠금 파일과 다른 입력을 씀
no-known-commit = 알려진 커밋 없음
column-name = 이름
column-from = 제공
column-guest-kernel = 게스트 커널
column-qemu = QEMU
column-levels = 수준
column-different = 잠금 목록과 다른 점
variants-caption = 그 밖의 게스트 커널과 QEMU. 나머지는 모두 같습니다.
none-of-these = 없음
column-artifact = 산출물
column-size = 크기
column-sha256 = SHA-256
artifacts-none = 기록된 산출물이 없습니다.
artifacts-caption = 커널, 이미지, 프로그램.
column-package = 패키지
packages-none = 기록된 패키지가 없습니다.
packages-caption = 이미지에 파일이 들어 있는 패키지.
packages-locked = 모든 패키지가 잠금 목록과 같습니다.
packages-differ = 잠금 목록과 다른 것:

## 방법과 값의 출처

methods = 방법
column-formula = 공식의 출처
methods-caption = 이 보고서에 쓰인 방법.
methods-unit =
    모든 추론의 단위는 패킷도 초도 아닌 시행입니다. 시행 안에서 변하는 것은 그 시행을 기술할 뿐입니다.
methods-order =
    시행은 모든 셀로 이루어진 블록 { $blocks }개로 수행했으며, 블록마다 시드 { $seed }에서 얻은 무작위
    순서를 따라 기계의 표류를 비교군 사이의 차이로 오인하지 않게 했습니다. 비율은 한 블록의 두 시행을
    짝지은 것입니다.
methods-intervals = 두 비교군은 비율의 구간으로 비교하며, 두 구간이 겹치는지로 비교하지 않습니다.
methods-verdict =
    판정은 그 구간을 양쪽 5 %에 견줍니다. 구간 전체가 그 밖에 있으면 더 좋음 또는 더 나쁨, 전체가 그 안에
    있으면 동등, 그 밖에는 판정 불가입니다.
methods-families =
    한 실험에서 지표와 대비가 같은 비교들은 실험 행렬이 미리 정한 하나의 족(family)입니다. 결합 구간은 기하
    평균의 구간으로 족 전체에 동시에 성립하며(Westfall & Young, 1993 또는 Bonferroni), p값은 Wilcoxon의
    것을 Holm(1979)과 Benjamini & Hochberg(1995)로 보정한 것입니다. 값이 없는 비교도 족에 포함하여 셉니다.
methods-few-blocks =
    블록이 { $blocks }개이면 부호순위 검정의 p는 { $least } 이상이므로, 비교가 { $most }건을 넘는 족에서는 Holm으로
    보정한 p가 0.05 이하일 수 없습니다. 여기에는 비교가 { $family }건에 이르는 족이 있으며, 그런 족에서 ‘결합’
    판정은 결합 구간에만 근거합니다.
methods-gate = 표본이 작아 요구한 수준의 구간을 구할 수 없으면 수치를 제시하지 않습니다.
methods-shares =
    비율(손실률)은 모든 시행의 사건 수를 시도 수로 나눈 것이며, 구간은 시행 간 차이를 감안합니다. 속도는 총
    비트를 총 시간으로 나눈 것입니다. 비율과 개수는 0일 수 있으므로 서로의 비로 비교하지 않습니다.
methods-fairness =
    Jain 지수는 각 시행 안에서 NIC마다 얻은 양으로 구합니다(Jain, Chiu & Hawe, DEC-TR-301, 1984). 셀의 값은
    시행 값들의 중앙값이고, 구간은 그중 두 값 사이이므로 [1/n, 1]을 벗어나지 않습니다.
methods-counters =
    호스트 카운터는 시행의 첫 스냅샷과 마지막 스냅샷의 차이입니다. Gbit당 CPU는 호스트가 바빴던 총 시간을
    도착한 양으로 나눈 것이며, 도구가 제외하는 워밍업 동안에도 나머지와 같은 속도로 옮긴 것으로 셉니다.
    패킷은 도구가 세는 것(에코 요청과 응답, 데이터그램)입니다.
methods-stopped =
    캠페인은 블록 하나가 온전히 끝난 뒤 구간의 폭에 따라 종료되었으며, 구간이 차이에 대해 말하는 바에 따라
    종료된 것이 아닙니다.
methods-digits =
    수치의 소수 자릿수는 구간의 폭이 두 자리로 나타나도록 정했습니다. 속도에는 십진 접두어를 씁니다. 1
    Mbit/s는 1,000,000 bit/s입니다. 한 패널의 그림과 표는 같은 단위를 씁니다.
sources = 값의 출처
sources-reading =
    각 시행의 값과 그 값을 읽은 로그, 그 로그의 행입니다. 경로는 캠페인 디렉터리 아래를 가리킵니다.
sources-caption = { $metric }, { $workload }{ $unit }.
digests = 다이제스트
column-name-and-version = 이름과 버전
digests-caption = 산출물과 패키지의 전체 다이제스트.

## 두 캠페인 비교

compare-title = 두 캠페인 비교
compare-campaigns = { $first }{ JOSA($first, "과/와") } { $second }
compare-description = { $first } 대비 { $second }
compare-byline = { $name }, 시작 { $started }
compare-side =
    { $byline }, 실험 행렬 { $matrix }, { $testbed ->
        [attached] 실물
        [synthetic] 합성
       *[emulated] 에뮬레이션
    } 시험 환경, 시행 { $planned }회 중 { $complete }회 완료
fact-first = 첫째
fact-second = 둘째
fact-threshold = 임계값
compare-testbeds-differ =
    하나는 에뮬레이션 시험 환경에서, 하나는 하드웨어에서 수행되었습니다. 둘의 차이는 어느 쪽에 대해서도
    말해 주는 것이 없습니다.
compare-changes = 더 나쁜 것 다음에 더 좋은 것: 모든 비교를 함께 보아 임계값을 넘은 것들. { $made }
compare-metric-caption =
    { $metric }, { $better ->
        [less] 작을수록 좋음
       *[more] 클수록 좋음
    }. { $made }
compare-figure-title = { $metric }, 첫째 캠페인에 대한 둘째 캠페인
compare-figure-axis =
    { $metric }, 첫째에 대한 둘째의 비율, { $better ->
        [less] 작을수록 좋음
       *[more] 클수록 좋음
    }
compare-figure-caption =
    { $title }: 셀 { $of }개 중 { $drawn }개, 실험별로 가장 확실하게 변한 것부터. 회색 띠는 { $threshold } % 이내의
    차이입니다. { $provenance }.
compare-made =
    둘째를 첫째로 나눈 값이며, 비율이나 지수는 둘째에서 첫째를 뺀 값입니다. { $provenance }; 전체 동시: { $level ->
        [none] 시행이 적어 이를 수 있는 수준 없음
       *[some] { $level } %
    }.
compare-nothing = 비교된 것이 없습니다. 두 캠페인에 모두 값이 있는 공통 셀이 없습니다.
compare-summary = 둘째 캠페인과 첫째 캠페인의 비교 { $n }건, 전체 동시 판정: { $counts }.
compare-counted =
    { $verdict ->
        [better] 더 좋음
        [worse] 더 나쁨
        [equivalent] 동등
        [inconclusive] 판정 불가
       *[none] 이만큼의 동시 구간을 구하기에 시행 부족
    } { $n }건
compare-unmatched = { $summary } 상대가 없는 셀: { $n }개.
compare-differs = 두 캠페인의 다른 점
compare-differs-nothing =
    기록된 것 중에는 없음: 도구, 시험 환경, 호스트, 소프트웨어, 실험 행렬의 머리가 모두 같습니다.
column-what = 항목
compare-differs-caption = 도구, 시험 환경, 호스트, 소프트웨어, 실험 행렬의 머리 중 같지 않은 것.
compare-differs-reading = 셀의 변화는 이들 중 무엇에서든 올 수 있습니다.
value-none = 없음
compare-cells = 셀
compare-cells-none = 없음.
compare-warnings = 이 변화들에 대해 알아야 할 것:
compare-warning = 비교 { $n }건: { $warning }
column-change = 변화
column-all-together = 전체 동시
compare-alone = 상대 없는 셀
column-why = 이유
compare-alone-why =
    { $reason ->
        [only-in-first] 첫째 캠페인에만 있음
        [only-in-second] 둘째 캠페인에만 있음
        [other-workload] 둘 다 있으나 횟수, 시간 또는 워밍업이 다름
       *[other-tuning] 둘 다 있으나 같은 이름의 튜닝 내용이 다름
    }
compare-alone-caption = 비교하지 않은 셀.
compare-methods = 비교 방법
compare-methods-samples =
    두 캠페인의 블록은 공통점이 없으므로 시행들은 두 독립 표본입니다. 값은 Hodges-Lehmann 비율(비율이 없는
    것은 차이)이고, 구간은 Mann-Whitney 검정을 뒤집어 구합니다.
compare-methods-verdict =
    구간 전체가 { $percent } %(비율이나 지수는 그 값으로 { $share })를 벗어나면 더 좋음 또는 더 나쁨, 그
    안에 있으면 동등, 그 밖에는 판정 불가입니다.
compare-methods-levels =
    각 구간의 단독 수준은 { $level }입니다. 비교가 { $n }건이면 일부는 벗어나게 되므로, 판정은 수준
    { $each } %의 구간으로 합니다. 이 구간들은 { $level } 이상으로 모두 동시에 성립합니다(Bonferroni).
compare-methods-else =
    바꾸려던 것 말고도 두 캠페인이 다른 점(부팅, 시각, 호스트의 부하)은 모두 변화에 포함됩니다.

## 여러 호스트의 캠페인

pool-title = 여러 호스트의 캠페인
pool-description = 호스트 { $n }대에서 기준에 대한 비율
pool-reading =
    한 호스트 안에서는 블록이 단위입니다. 호스트 전체에 대해서는 호스트가 단위이며, 블록별 비율의 기하
    평균을 그 값으로 씁니다. 이 구간은 이와 같은 호스트들에 대해, 나머지 구간은 각각 한 호스트에 대해
    말합니다.
pool-too-few = 호스트 전체의 구간을 구하기에는 호스트가 부족하여(n = { $n }, { $needs } 필요) 나란히 보입니다.
pool-none = 모든 호스트에 있는 기준 대비 비율이 없습니다.
pool-partial = 모든 호스트에 있지는 않아 제외한 것:
pool-ratios = 기준에 대한 비율
column-ratio-to-baseline = 기준에 대한 비율
column-on = 호스트
pool-all-hosts = 모든 호스트
pool-caption = 호스트별, 그리고 전체. { $provenance }.
pool-figure-title = { $metric }, 기준에 대한 비율
pool-figure-axis =
    { $metric }, 기준에 대한 비율, { $better ->
        [less] 작을수록 좋음
       *[more] 클수록 좋음
    }
pool-figure-caption =
    { $title }, 호스트별, 그리고 전체: 비율 { $of }개 중 { $drawn }개, 실험 행렬의 순서. 회색 띠(5 %) 안에 있으면
    동등합니다. { $provenance }.
column-least-and-most = 호스트별 최소와 최대
column-sd-hosts = 호스트 간 표준편차
column-sd-blocks = 블록 간 표준편차
from-to = { $least }~{ $most }
heterogeneity-caption =
    호스트들이 서로 다른 정도와 한 호스트의 블록들이 서로 다른 정도. 비율의 자연로그의 표준편차를 두 수준의
    평균제곱으로 구했으며, 보이지 않으면 0입니다. 기술 통계입니다.
