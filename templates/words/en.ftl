### All texts of the report, in English. Fluent syntax; a text may be wrapped anywhere, line ends
### become spaces. Numbers arrive as they are shown; what is counted arrives as a number.

## The page around the sections

page-title = Virtual NIC back-ends compared
page-byline = Campaign { $campaign }, begun { $started }, by vnicbench { $version }
page-emulated = Emulated test bed: shows that everything works; its times say nothing of hardware.
page-synthetic = Synthetic: its numbers are made up; nothing was measured.
page-numbering = 1 of 1
page-skip = Skip to the report
page-sections = Sections

## Numbers of figures and tables

number-figure = Figure { $n }
number-table = Table { $n }

## Headings of columns

column-arm = Arm
column-value = Value
column-log = Log
column-lines = Lines
no-value = no value

## Controls of the page

control-group = What is shown
control-arms = Arms shown
control-all-arms = Show all
control-arms-shown = { $shown } of { $all } arms shown
control-theme-system = Colours: system’s
control-theme-light = Colours: light
control-theme-dark = Colours: dark
control-logarithmic = Logarithmic axis
control-linear = Linear axis
control-filter = Filter rows
control-rows-shown = { $shown } of { $all } rows
control-sorted-up = sorted by { $column }, ascending
control-sorted-down = sorted by { $column }, descending
control-values = The arrow keys up and down read the values out
control-numbers = Numbers
