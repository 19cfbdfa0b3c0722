### 보고서의 모든 글, 한국어. 조사는 JOSA가 앞말의 끝소리에 맞추어 고른다: JOSA($word, "은/는").

## 본문을 둘러싼 글

page-title = 가상 NIC 백엔드 비교
page-byline = 캠페인 { $campaign }, 시작 { $started }, vnicbench { $version }
page-emulated = 에뮬레이션 시험 환경: 모든 기능이 동작함을 보일 뿐, 측정된 시간은 실제 하드웨어에 대해 아무것도 말해 주지 않습니다.
page-synthetic = 합성 캠페인: 수치는 지어낸 것이며, 아무것도 측정하지 않았습니다.
page-numbering = 1 / 1
page-skip = 보고서 본문으로 건너뛰기
page-sections = 절 목록

## 그림과 표의 번호

number-figure = 그림 { $n }
number-table = 표 { $n }

## 열 제목

column-arm = 비교군
column-value = 값
column-log = 로그
column-lines = 행
no-value = 값 없음

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
